using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace SessionManager.Storage;

/// <summary>
/// Grain state as JSON. A record of an older version lacks members: they take their defaults.
/// One of a newer version has members we do not know: it is refused, because writing it back would lose them.
/// </summary>
public sealed class GrainStateSerializer : IGrainStorageSerializer
{
    static readonly JsonSerializerOptions Format = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Adapt } },
    };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Format));

    /// <exception cref="InvalidDataException">The record is damaged, or of a newer version.</exception>
    public T Deserialize<T>(BinaryData input)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(input.ToMemory().Span, Format)!;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"A stored {typeof(T).Name} cannot be read: it is damaged or was written by a newer version. {exception.Message}", exception);
        }
    }

    static void Adapt(JsonTypeInfo type)
    {
        for (var i = 0; i < type.Properties.Count; i++)
        {
            // What the wire leaves out is state all the same.
            if (type.Properties[i] is { Get: null, AttributeProvider: PropertyInfo { CanRead: true, CanWrite: true } hidden })
            {
                type.Properties[i] = type.CreateJsonPropertyInfo(hidden.PropertyType, hidden.Name);
                (type.Properties[i].Get, type.Properties[i].Set) = (hidden.GetValue, hidden.SetValue);
            }

            // `required` is a promise among our own lines of code; a record of an older version never made it.
            type.Properties[i].IsRequired = false;
        }

        if (!type.Type.IsValueType)
            ReadMissingArraysAsEmpty(type);
    }

    /// <summary>The default of an immutable array is not the empty one, but one that throws at a touch.</summary>
    static void ReadMissingArraysAsEmpty(JsonTypeInfo type)
    {
        foreach (var array in type.Properties.Where(property => property.Set is not null && IsImmutableArray(property.PropertyType)))
        {
            var missing = Activator.CreateInstance(array.PropertyType);
            var empty = array.PropertyType.GetField(nameof(ImmutableArray<>.Empty))!.GetValue(null);
            array.ShouldSerialize = (_, value) => !Equals(value, missing);
            type.OnDeserialized += record =>
            {
                if (Equals(array.Get!(record), missing))
                    array.Set!(record, empty);
            };
        }
    }

    static bool IsImmutableArray(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>);
}
