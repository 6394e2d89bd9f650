using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using SessionManager.Client;

namespace SessionManager.Tests.Client;

public class PublicSurfaceTests
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly NullabilityInfoContext Nullability = new();

    static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    [Fact]
    public void What_the_package_shows_its_users_is_as_the_snapshot_says()
    {
        var text = new StringBuilder();
        foreach (var type in typeof(SessionManagerClient).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(type.Namespace).Append('.').Append(Name(type)).AppendLine(Above(type));
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
                text.Append("  ").AppendLine(member);
        }

        Snapshot.Matches("client.txt", text.ToString());
    }

    static string[] Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type);
        return
        [
            .. from constructor in type.GetConstructors()
               where !IsGenerated(constructor)
               select $"new({Parameters(constructor)})",
            .. from field in type.GetFields(Declared)
               select $"{(field.IsLiteral ? "const " : "static ")}{Name(Nullability.Create(field))} {field.Name}",
            .. from property in type.GetProperties(Declared)
               select $"{Name(Nullability.Create(property))} {property.Name} {{ {Accessors(property)} }}",
            .. from method in type.GetMethods(Declared)
               where !method.IsSpecialName && !IsGenerated(method) && method.GetBaseDefinition().DeclaringType != typeof(object)
               select $"{(method.IsStatic ? "static " : "")}{Name(Nullability.Create(method.ReturnParameter))} {method.Name}({Parameters(method)})",
        ];
    }

    /// <summary>What the compiler adds to a record follows from its properties.</summary>
    static bool IsGenerated(MethodBase method) => method.IsDefined(typeof(CompilerGeneratedAttribute));

    static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "class",
        _ => "open class",
    };

    static string Above(Type type) => type is { IsEnum: false, IsValueType: false, BaseType: { } above } && above != typeof(object)
        ? $" : {Name(above)}"
        : "";

    static string Parameters(MethodBase method) => string.Join(
        ", ",
        method.GetParameters().Select(parameter =>
            $"{Name(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}"));

    static string Accessors(PropertyInfo property) => string.Join(
        ' ',
        new[]
        {
            property.GetMethod is { IsPublic: true } ? "get;" : null,
            property.SetMethod is { IsPublic: true } set
                ? set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;"
                : null,
        }.OfType<string>());

    static string Name(NullabilityInfo info)
    {
        var type = info.Type;
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Name(value)}?";
        var arguments = info.GenericTypeArguments.Length > 0 ? $"<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>" : "";
        var name = info.ElementType is { } element ? $"{Name(element)}[]" : $"{Bare(type)}{arguments}";
        return !type.IsValueType && info.ReadState == NullabilityState.Nullable ? $"{name}?" : name;
    }

    static string Name(Type type) => type.IsGenericType
        ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : Bare(type);

    static string Bare(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        var name = type.Name.Split('`')[0];
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Bare(type.DeclaringType!)}.{name}" : name;
    }
}
