namespace SessionManager.Console.Browsing;

/// <summary>How this browser wants the console to look; remembered here and nowhere else.</summary>
public sealed class Preferences(IBrowser browser)
{
    public event Action? Changed;

    /// <summary>light, dark or system.</summary>
    public string Theme
    {
        get => browser.Remembered("theme") is "light" or "dark" ? browser.Remembered("theme")! : "system";
        set => Set("theme", value);
    }

    /// <summary>compact or comfortable.</summary>
    public string Density
    {
        get => browser.Remembered("density") == "comfortable" ? "comfortable" : "compact";
        set => Set("density", value);
    }

    /// <summary>local or utc.</summary>
    public string Times
    {
        get => browser.Remembered("times") == "utc" ? "utc" : "local";
        set => Set("times", value);
    }

    /// <summary>The zone that times are shown in, by its name.</summary>
    public string ZoneName => Times == "utc" ? "UTC" : browser.Zone;

    public string Format(DateTimeOffset time, string style) => browser.Format(time, style, Times == "utc" ? "UTC" : null);

    /// <summary>A day that is counted in UTC, whatever zone times are shown in.</summary>
    public string FormatDay(DateOnly day) => browser.Format(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero), "day", "UTC");

    void Set(string name, string value)
    {
        browser.Remember(name, value);
        browser.ApplyDisplay();
        Changed?.Invoke();
    }
}
