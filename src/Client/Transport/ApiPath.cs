using System.Globalization;
using System.Text;

namespace SessionManager.Client;

/// <summary>Puts ids and filters into addresses.</summary>
static class ApiPath
{
    public static string Segment(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        // Dots are steps in a path, escaped or not.
        return id is "." or ".." ? throw new ArgumentException("This is no id.", nameof(id)) : Uri.EscapeDataString(id);
    }

    /// <summary>The path with those parameters that have a value.</summary>
    public static string WithQuery(this string path, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var text = new StringBuilder(path);
        var mark = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is null)
                continue;
            text.Append(mark).Append(name).Append('=').Append(Uri.EscapeDataString(Format(value)));
            mark = '&';
        }

        return text.ToString();
    }

    static string Format(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
