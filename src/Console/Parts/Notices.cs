using MudBlazor;

namespace SessionManager.Console.Parts;

/// <summary>Short messages in the corner, read out too.</summary>
public sealed class Notices(ISnackbar bar)
{
    public void Say(string text) => bar.Add(text, Severity.Success);
    public void Warn(string text) => bar.Add(text, Severity.Warning);
    public void Fail(Exception failure) => bar.Add(FailureText.Of(failure), Severity.Error);
}
