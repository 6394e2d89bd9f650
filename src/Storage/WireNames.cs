using System.Text.Json;

namespace SessionManager.Storage;

/// <summary>An enumeration's values by their names on the wire, which are also those in the tables.</summary>
static class WireNames<T> where T : struct, Enum
{
    static readonly Dictionary<T, string> Names =
        Enum.GetValues<T>().ToDictionary(value => value, value => JsonSerializer.SerializeToElement(value).GetString()!);

    static readonly Dictionary<string, T> Values = Names.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static string Of(T value) => Names[value];
    public static T Parse(string name) => Values[name];
}
