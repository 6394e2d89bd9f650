namespace SessionManager.Console.Browsing;

/// <summary>What the console asks of the browser it runs in.</summary>
public interface IBrowser
{
    /// <summary>What this browser was told to remember, for all its tabs; null: nothing of that name.</summary>
    string? Remembered(string name);

    void Remember(string name, string value);

    /// <summary>What this tab keeps until it is closed.</summary>
    string? Kept(string name);

    /// <param name="value">null: forgets it.</param>
    void Keep(string name, string? value);

    /// <summary>The IANA name of the time zone that the browser is in.</summary>
    string Zone { get; }

    /// <param name="style">full, moment, day, date, clock or second.</param>
    /// <param name="zone">An IANA name; null: the browser's own.</param>
    string Format(DateTimeOffset time, string style, string? zone);

    /// <summary>What must be added to this wall-clock time of the browser's zone to have it in UTC, in minutes.</summary>
    double MinutesBehindUtc(DateTimeOffset wall);

    /// <summary>The same of a moment.</summary>
    double MinutesBehindUtcAt(DateTimeOffset time);

    /// <summary>Has the page take on the theme and the density that are remembered.</summary>
    void ApplyDisplay();

    /// <summary>False where the browser lets nobody copy.</summary>
    Task<bool> Copy(string text);

    void Download(string name, string type, string text);

    void Focus(string selector);

    /// <summary>Shows a dialog element above everything.</summary>
    /// <param name="escaped">Esc was pressed in it.</param>
    void OpenDialog(string id, Action escaped);

    /// <summary>The dialog is gone, or goes: focus is again where it was before.</summary>
    void CloseDialog(string id);

    /// <summary>Keys pressed outside fields and dialogs.</summary>
    event Action<string>? KeyPressed;

    /// <summary>This tab came to be looked at (true), or went behind another.</summary>
    event Action<bool>? ShownChanged;

    /// <summary>The machine's own connection came (true) or went.</summary>
    event Action<bool>? ConnectionChanged;
}
