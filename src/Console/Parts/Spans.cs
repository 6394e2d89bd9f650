using System.Globalization;

namespace SessionManager.Console.Parts;

/// <summary>Lengths of time in words.</summary>
static class Spans
{
    /// <summary>As "4 s", "3 min", "2 h 10 min", "5 d"; never negative.</summary>
    public static string Text(TimeSpan span) => span switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalSeconds: < 1 } => $"{span.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms",
        { TotalMinutes: < 1 } => $"{(int)span.TotalSeconds} s",
        { TotalHours: < 1 } => span.Seconds == 0 || span.TotalMinutes >= 10 ? $"{(int)span.TotalMinutes} min" : $"{(int)span.TotalMinutes} min {span.Seconds} s",
        { TotalDays: < 1 } => span.Minutes == 0 ? $"{(int)span.TotalHours} h" : $"{(int)span.TotalHours} h {span.Minutes} min",
        _ => span.TotalDays >= 10 || span.Hours == 0 ? $"{(int)span.TotalDays} d" : $"{(int)span.TotalDays} d {span.Hours} h",
    };

    /// <summary>The same, rounded down to its largest unit, for ages that tick.</summary>
    public static string Age(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } => $"{(int)span.TotalSeconds} s",
        { TotalHours: < 1 } => $"{(int)span.TotalMinutes} min",
        { TotalDays: < 1 } => $"{(int)span.TotalHours} h",
        _ => $"{(int)span.TotalDays} d",
    };
}
