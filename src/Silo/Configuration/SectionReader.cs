using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace SessionManager.Configuration;

/// <summary>
/// One section and its options class. The framework's binder throws at the first text it cannot convert, and its annotations say
/// "the field must be between"; here a value that cannot be is left at its default until validation, which names them all as they are given.
/// </summary>
sealed class SectionReader<T>(IConfigurationSection section, ImmutableArray<Func<T, string?>> rules) : IValidateOptions<T>
    where T : class
{
    static readonly PropertyInfo[] Properties =
        [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)];

    public IEnumerable<string> Paths => Properties.Select(property => $"{section.Path}:{property.Name}");

    public void Fill(T options)
    {
        foreach (var property in Properties)
        {
            if (Text(property) is { } text && TryRead(property, text, out var value))
                property.SetValue(options, value);
        }
    }

    public ValidateOptionsResult Validate(string? name, T options)
    {
        var problems = Properties.Select(Problem).Concat(rules.Select(rule => rule(options))).OfType<string>().ToArray();
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    string? Problem(PropertyInfo property) => Text(property) is { } text && !TryRead(property, text, out _)
        ? $"{section.Path}__{property.Name} is '{text}'; it must be {Wanted(property)}."
        : null;

    string? Text(PropertyInfo property) => section[property.Name] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    static bool TryRead(PropertyInfo property, string text, out object? value)
    {
        value = null;
        try
        {
            value = TypeDescriptor.GetConverter(TypeOf(property)).ConvertFromInvariantString(text.Trim());
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }

        return IsAllowed(property, value);
    }

    /// <summary>A converter takes any number for an enumeration's, and what is not finite for a number.</summary>
    static bool IsAllowed(PropertyInfo property, object? value) =>
        value is not (double.NaN or double.PositiveInfinity or double.NegativeInfinity)
        && (value is not Enum || Enum.IsDefined(value.GetType(), value))
        && property.GetCustomAttributes<ValidationAttribute>().All(attribute => attribute.IsValid(value));

    static string Wanted(PropertyInfo property)
    {
        var type = TypeOf(property);
        var kind = type == typeof(int) ? "a whole number"
            : type == typeof(bool) ? "true or false"
            : type.IsEnum ? string.Join(" or ", Enum.GetNames(type))
            : type == typeof(string) ? "a text"
            : "a number";
        return (property.GetCustomAttribute<RangeAttribute>(), property.GetCustomAttribute<StringLengthAttribute>()) switch
        {
            ({ } range, _) => string.Create(CultureInfo.InvariantCulture, $"{kind} from {range.Minimum} to {range.Maximum}"),
            (_, { } length) => string.Create(CultureInfo.InvariantCulture, $"{kind} of at most {length.MaximumLength} characters"),
            _ => kind,
        };
    }

    static Type TypeOf(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
}
