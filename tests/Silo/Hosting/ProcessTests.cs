using System.Diagnostics;

namespace SessionManager.Tests.Hosting;

public class ProcessTests
{
    [Fact]
    public async Task A_start_with_wrong_settings_ends_with_a_line_for_each_on_stderr_and_an_exit_code()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(SessionManager.Hosting.SessionManagerHost).Assembly.Location])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["Sessions__TokenSeconds"] = "0", ["Nodes__LeaseSeconds"] = "x", ["PORT"] = "y" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("", await output);
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in new[] { "Sessions__TokenSeconds", "Nodes__LeaseSeconds", "PORT" })
            Assert.Single(lines, line => line.StartsWith(name + " is ", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
