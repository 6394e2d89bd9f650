using System.Collections;
using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// Orleans copies what passes between caller and callee unless it is marked immutable. This engine copies nothing and accepts
/// only what cannot change, or is marked so; the rest is refused before the first call, by name. The same code then behaves the
/// same on both, and a call costs no copy.
/// </summary>
static class Sharing
{
    static readonly HashSet<Type> Known =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Uri), typeof(Version), typeof(IPAddress), typeof(CancellationToken), typeof(Int128), typeof(UInt128),
        typeof(Half), typeof(Nothing), typeof(GrainId), typeof(void), typeof(BinaryData),
    ];

    static readonly HashSet<Type> Containers =
    [
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableSortedDictionary<,>),
        typeof(ImmutableHashSet<>), typeof(ImmutableSortedSet<>), typeof(ImmutableQueue<>), typeof(ImmutableStack<>), typeof(Nullable<>),
        typeof(KeyValuePair<,>),
    ];

    /// <summary>One line for each parameter and result whose type could be changed by one side under the other's eyes.</summary>
    public static IEnumerable<string> Problems(MethodInfo method)
    {
        foreach (var parameter in method.GetParameters())
        {
            if (!parameter.IsDefined(typeof(ImmutableAttribute)) && Mutable(parameter.ParameterType, []) is { } part)
                yield return Problem($"parameter '{parameter.Name}'", part);
        }

        var result = method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : typeof(void);
        if (!method.ReturnParameter.IsDefined(typeof(ImmutableAttribute)) && Mutable(result, []) is { } resultPart)
            yield return Problem("the result", resultPart);

        string Problem(string what, Type part) =>
            $"{method.DeclaringType!.FullName}.{method.Name}: {what} holds {part}, which can be changed after the call. "
            + "Use immutable types (records with init-only members, ImmutableArray<T>), or mark it [Immutable].";
    }

    /// <summary>The first part that could change; null when there is none.</summary>
    static Type? Mutable(Type type, HashSet<Type> seen)
    {
        if (type.IsPrimitive || type.IsEnum || Known.Contains(type) || type.IsAssignableTo(typeof(IAddressable))) return null;
        if (type.IsDefined(typeof(ImmutableAttribute), inherit: false) || !seen.Add(type)) return null;
        if (type.IsGenericType)
        {
            var open = type.GetGenericTypeDefinition();
            // A tuple's fields can be set, but caller and callee each have a copy of the tuple itself.
            if (Containers.Contains(open) || (type.IsValueType && type.IsAssignableTo(typeof(ITuple))))
                return type.GetGenericArguments().Select(argument => Mutable(argument, seen)).FirstOrDefault(part => part is not null);
        }

        if (type.IsArray || type.IsInterface || type == typeof(object) || type.IsAssignableTo(typeof(IEnumerable))) return type;
        for (var part = type; part is not null && part != typeof(object) && part != typeof(ValueType); part = part.BaseType)
        {
            foreach (var field in part.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                // The backing field of an init-only property is not read-only, but only an initializer can set it.
                var settable = !field.IsInitOnly && !type.IsValueType && !IsInitOnly(part, field);
                if (settable) return type;
                if (Mutable(field.FieldType, seen) is { } inner) return inner;
            }
        }

        return null;
    }

    static bool IsInitOnly(Type declaring, FieldInfo field)
    {
        if (!field.Name.StartsWith('<')) return false;
        var property = declaring.GetProperty(field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)],
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
        return property is not null && (property.SetMethod is not { } set
            || set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)));
    }
}
