using System.Globalization;
using System.Text;
using SessionManager.Client;

namespace SessionManager.Console.Audit;

/// <summary>Entries as a file for spreadsheets (RFC 4180).</summary>
static class AuditCsv
{
    const string Formulas = "=+-@\t\r";

    public static string Of(IEnumerable<AuditEntry> entries)
    {
        var text = new StringBuilder("at,actor,key_id,action,target,detail,address,request_id\r\n");
        foreach (var entry in entries)
        {
            text.AppendJoin(',', new[]
            {
                entry.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                Cell(entry.Actor), Cell(entry.KeyId), Cell(entry.Action), Cell(entry.Target), Cell(entry.Detail), Cell(entry.Address), Cell(entry.RequestId),
            }).Append("\r\n");
        }

        return text.ToString();
    }

    /// <summary>A spreadsheet would compute what begins like a formula: a quote in front makes it the text that it is.</summary>
    static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return "";
        if (Formulas.Contains(value[0], StringComparison.Ordinal))
            value = "'" + value;
        return value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }
}
