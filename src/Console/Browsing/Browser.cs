using System.Runtime.InteropServices.JavaScript;
using System.Runtime.Versioning;

namespace SessionManager.Console.Browsing;

/// <summary>The browser, through <c>browser.js</c>.</summary>
[SupportedOSPlatform("browser")]
sealed partial class Browser : IBrowser
{
    const string Module = "browser";

    public event Action<string>? KeyPressed;
    public event Action<bool>? ShownChanged;
    public event Action<bool>? ConnectionChanged;

    public string Zone { get; } = ReadZone();

    public static async Task<Browser> Open(string address)
    {
        await JSHost.ImportAsync(Module, address + "browser.js");
        return new Browser();
    }

    Browser()
    {
        OnKey(key => KeyPressed?.Invoke(key));
        OnShown(shown => ShownChanged?.Invoke(shown));
        OnConnection(online => ConnectionChanged?.Invoke(online));
    }

    public string? Remembered(string name) => ReadRemembered(name);
    public void Remember(string name, string value) => WriteRemembered(name, value);
    public string? Kept(string name) => ReadKept(name);
    public void Keep(string name, string? value) => WriteKept(name, value);
    public string Format(DateTimeOffset time, string style, string? zone) => Write(time.ToUnixTimeMilliseconds(), style, zone ?? "");
    public double MinutesBehindUtc(DateTimeOffset wall) => ReadOffset(wall.Year, wall.Month - 1, wall.Day, wall.Hour, wall.Minute);
    public double MinutesBehindUtcAt(DateTimeOffset time) => ReadOffsetAt(time.ToUnixTimeMilliseconds());
    public void ApplyDisplay() => DisplayChanged();
    public Task<bool> Copy(string text) => CopyText(text);
    public void Download(string name, string type, string text) => DownloadText(name, type, text);
    public void Focus(string selector) => FocusOn(selector);
    public void OpenDialog(string id, Action escaped) => ShowDialog(id, escaped);
    public void CloseDialog(string id) => HideDialog(id);

    [JSImport("remembered", Module)]
    private static partial string? ReadRemembered(string name);

    [JSImport("remember", Module)]
    private static partial void WriteRemembered(string name, string value);

    [JSImport("kept", Module)]
    private static partial string? ReadKept(string name);

    [JSImport("keep", Module)]
    private static partial void WriteKept(string name, string? value);

    [JSImport("zone", Module)]
    private static partial string ReadZone();

    [JSImport("format", Module)]
    private static partial string Write(double milliseconds, string style, string zone);

    [JSImport("offset", Module)]
    private static partial double ReadOffset(int year, int month, int day, int hour, int minute);

    [JSImport("offsetAt", Module)]
    private static partial double ReadOffsetAt(double milliseconds);

    [JSImport("displayChanged", Module)]
    private static partial void DisplayChanged();

    [JSImport("copy", Module)]
    private static partial Task<bool> CopyText(string text);

    [JSImport("download", Module)]
    private static partial void DownloadText(string name, string type, string text);

    [JSImport("focus", Module)]
    private static partial void FocusOn(string selector);

    [JSImport("openDialog", Module)]
    private static partial void ShowDialog(string id, [JSMarshalAs<JSType.Function>] Action escaped);

    [JSImport("closeDialog", Module)]
    private static partial void HideDialog(string id);

    [JSImport("onKey", Module)]
    private static partial void OnKey([JSMarshalAs<JSType.Function<JSType.String>>] Action<string> pressed);

    [JSImport("onShown", Module)]
    private static partial void OnShown([JSMarshalAs<JSType.Function<JSType.Boolean>>] Action<bool> changed);

    [JSImport("onConnection", Module)]
    private static partial void OnConnection([JSMarshalAs<JSType.Function<JSType.Boolean>>] Action<bool> changed);
}
