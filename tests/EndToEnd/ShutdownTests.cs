using SessionManager.Client;

namespace SessionManager.Tests;

public class ShutdownTests
{
    [Fact]
    public async Task A_server_told_to_stop_answers_what_it_was_asked_and_ends_well()
    {
        using var folder = new TempFolder();
        using var server = await ServerProcess.Start(folder.Path, ("Demo__NodeCapacity", "1"));
        var client = new SessionManagerClient(server.Http, server.ApiKey);
        var minted = await client.Mint();
        var waiting = client.Mint(wait: TimeSpan.FromSeconds(30));
        await new StreamingNodeClient(server.Http, server.NodeKey, server.NodeId).Heartbeat([]);

        Assert.Equal(0, await server.Stop());
        var refused = await Assert.ThrowsAsync<SessionManagerException>(() => waiting);
        Assert.Equal("no_streamer_available", refused.Code);

        using var again = await ServerProcess.Start(folder.Path);
        Assert.Equal("provisioned", (await new SessionManagerClient(again.Http, again.ApiKey).Session(minted.SessionId)).State);
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_line_and_ends_the_start()
    {
        using var folder = new TempFolder();
        using var other = new TempFolder();
        using var server = await ServerProcess.Start(folder.Path);
        var (exitCode, errors) = await ServerProcess.Fail(other.Path, ("PORT", $"{server.Address.Port}"));
        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("PORT:", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Impossible_settings_are_told_all_at_once()
    {
        using var folder = new TempFolder();
        var (exitCode, errors) = await ServerProcess.Fail(
            folder.Path, ("Api__MaxBodyBytes", "1"), ("Api__TrustedProxies", "10.0.0.1, mine"), ("Tokens__AccessTokenSeconds", "soon"),
            ("Gateway__PublicUrl", "ftp://x"));
        Assert.NotEqual(0, exitCode);
        Assert.Equal(
            ["Api__MaxBodyBytes", "Api__TrustedProxies", "Gateway__PublicUrl", "Tokens__AccessTokenSeconds"],
            errors.TrimEnd().Split('\n').Select(line => line.Split(' ')[0]).Order());
    }
}
