using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.Hosting;

namespace SessionManager.Configuration;

/// <summary>
/// Reads options classes out of the configuration and collects everything that is wrong with them, so that one start tells
/// an operator all of it, each by the name the setting is given under.
/// </summary>
public sealed class Settings(IConfiguration configuration)
{
    readonly List<string> problems = [];
    readonly Dictionary<Type, object> read = [];
    readonly HashSet<string> sections = new(StringComparer.OrdinalIgnoreCase);
    readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="problem">One sentence that names the setting.</param>
    public void Report(string problem) => problems.Add(problem);

    /// <exception cref="StartupException">All that was reported.</exception>
    public void ThrowIfWrong()
    {
        if (problems.Count > 0)
            throw new StartupException(problems);
    }

    /// <summary>
    /// What is given in the sections read and belongs to no class of ours, by the name it is given under: most likely mistyped.
    /// </summary>
    public IReadOnlyList<string> Unknown() =>
    [
        .. sections.SelectMany(section => configuration.GetSection(section).GetChildren())
            .Where(given => !known.Contains(given.Path))
            .Select(given => given.Path.Replace(":", "__", StringComparison.Ordinal)),
    ];

    /// <summary>A setting of no class; null where it is not given.</summary>
    public string? Text(string name)
    {
        known.Add(name);
        return configuration[name] is { Length: > 0 } text ? text : null;
    }

    /// <summary>The class's own defaults, overwritten by what its section says.</summary>
    public T Read<T>(string section) where T : class, new()
    {
        if (read.TryGetValue(typeof(T), out var before))
            return (T)before;
        var options = new T();
        sections.Add(section);
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
            Fill(options, property, Text($"{section}:{property.Name}"), $"{section}__{property.Name}");
        read.Add(typeof(T), options);
        return options;
    }

    /// <summary>Reads the section and gives the result to whoever asks for <c>IOptions&lt;T&gt;</c>.</summary>
    public T Add<T>(IServiceCollection services, string section) where T : class, new()
    {
        var options = Read<T>(section);
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        return options;
    }

    void Fill(object options, PropertyInfo property, string? text, string name)
    {
        var range = property.GetCustomAttribute<RangeAttribute>();
        if (string.IsNullOrWhiteSpace(text))
            return;
        if (!TryConvert(text.Trim(), Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, out var value)
            || range is not null && !range.IsValid(value))
            Report($"{name} is '{text}'; it must be {Wanted(property.PropertyType, range)}.");
        else
            property.SetValue(options, value);
    }

    static bool TryConvert(string text, Type type, out object? value)
    {
        value = null;
        if (type == typeof(string))
            value = text;
        else if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            value = whole;
        else if (type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number))
            value = number;
        else if (type == typeof(bool) && bool.TryParse(text, out var yes))
            value = yes;
        else if (type.IsEnum && Enum.TryParse(type, text, ignoreCase: true, out var named) && Enum.IsDefined(type, named!))
            value = named;
        return value is not null;
    }

    static string Wanted(Type type, RangeAttribute? range)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var kind = type == typeof(int) ? "a whole number"
            : type == typeof(bool) ? "true or false"
            : type.IsEnum ? string.Join(" or ", Enum.GetNames(type))
            : "a number";
        return range is null ? kind : string.Create(CultureInfo.InvariantCulture, $"{kind} from {range.Minimum} to {range.Maximum}");
    }
}
