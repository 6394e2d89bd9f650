using System.Globalization;
using SessionManager.Console.Browsing;

namespace SessionManager.Tests;

/// <summary>A browser in memory, in UTC.</summary>
sealed class FakeBrowser : IBrowser
{
    readonly Dictionary<string, string> _remembered = [];
    readonly Dictionary<string, string> _kept = [];

    public string Zone => "UTC";
    public List<string> Copied { get; } = [];
    public List<(string Name, string Text)> Downloaded { get; } = [];
    public bool LetsCopy { get; set; } = true;

    public event Action<string>? KeyPressed;
    public event Action<bool>? ShownChanged;
    public event Action<bool>? ConnectionChanged;

    public string? Remembered(string name) => _remembered.GetValueOrDefault(name);
    public void Remember(string name, string value) => _remembered[name] = value;
    public string? Kept(string name) => _kept.GetValueOrDefault(name);

    public void Keep(string name, string? value)
    {
        if (value is null)
            _kept.Remove(name);
        else
            _kept[name] = value;
    }

    public string Format(DateTimeOffset time, string style, string? zone) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    public double MinutesBehindUtc(DateTimeOffset wall) => -120;
    public double MinutesBehindUtcAt(DateTimeOffset time) => -120;

    public void ApplyDisplay()
    {
    }

    public Task<bool> Copy(string text)
    {
        if (LetsCopy)
            Copied.Add(text);
        return Task.FromResult(LetsCopy);
    }

    public void Download(string name, string type, string text) => Downloaded.Add((name, text));

    public void Focus(string selector)
    {
    }

    public void OpenDialog(string id, Action escaped)
    {
    }

    public void CloseDialog(string id)
    {
    }

    public void Press(string key) => KeyPressed?.Invoke(key);
    public void Show(bool shown) => ShownChanged?.Invoke(shown);
    public void Connect(bool online) => ConnectionChanged?.Invoke(online);
}
