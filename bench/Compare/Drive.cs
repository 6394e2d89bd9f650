using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SessionManager.Compare;

/// <summary>What the driver measured.</summary>
/// <param name="Rate">Successful mints a second.</param>
/// <param name="Refused">Answers that are no success.</param>
/// <param name="ProcessorMs">What the server spent on a mint, on all processors together; the database's share is not in it.</param>
sealed record Measured(double Rate, double P99Ms, int Refused, double ProcessorMs);

static class Drive
{
    /// <param name="keysFile">Null: all the server's keys.</param>
    /// <param name="rate">Requests a second at fixed instants; null: as many as the callers get answered.</param>
    public static async Task<Measured> Run(IMeasured server, int callers, double seconds, double? rate = null, string? keysFile = null)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "SessionManager.Driver.dll"), string.Join(',', server.Addresses), keysFile ?? server.KeysFile,
            Text(callers), Text(Math.Max(1, seconds / 4)), Text(seconds), .. rate is { } perSecond ? [Text(perSecond)] : Array.Empty<string>(),
        ];
        var before = server.ProcessorTime;
        using var driver = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = await driver.StandardOutput.ReadToEndAsync();
        await driver.WaitForExitAsync();
        if (driver.ExitCode != 0)
            throw new InvalidOperationException("The driver failed; see above.");
        var spent = (server.ProcessorTime - before).TotalMilliseconds;
        var figures = JsonDocument.Parse(output).RootElement;
        var share = seconds / (seconds + Math.Max(1, seconds / 4));
        return new Measured(
            figures.GetProperty("rate").GetDouble(),
            figures.GetProperty("p99_ms").GetDouble(),
            figures.GetProperty("refused").GetInt32(),
            spent * share / Math.Max(1, figures.GetProperty("requests").GetInt32()));
    }

    static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
