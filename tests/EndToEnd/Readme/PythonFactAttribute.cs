using System.ComponentModel;
using System.Diagnostics;

namespace SessionManager.Tests.Readme;

/// <summary>A test that needs Python; named as skipped where there is none.</summary>
public sealed class PythonFactAttribute : FactAttribute
{
    static readonly bool IsThere = Look();

    public PythonFactAttribute() => Skip = IsThere ? null : "needs python3 (apt-get install python3)";

    static bool Look()
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["--version"]) { RedirectStandardOutput = true })!;
            python.WaitForExit();
            return python.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
