using System.Diagnostics;

namespace SessionManager.Tests.Storage.Crash;

/// <summary>A process of <see cref="Victim"/>, which ends only by being killed.</summary>
sealed class VictimProcess : IDisposable
{
    readonly Process _process;

    public VictimProcess(params string[] arguments) => _process = Process.Start(
        new ProcessStartInfo("dotnet", ["exec", typeof(Victim).Assembly.Location, .. arguments]) { RedirectStandardOutput = true })!;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Kills it (SIGKILL) once it has said so many lines, and returns all that it said.</summary>
    public async Task<List<string>> KillAfter(int lines)
    {
        var said = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            // A last line may have been cut off: what it is about was acknowledged all the same, but to nobody who could read it.
            said.Add(line);
            if (said.Count == lines)
                _process.Kill();
        }

        return said;
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
