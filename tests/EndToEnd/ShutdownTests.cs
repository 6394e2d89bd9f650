using SessionManager.Client;

namespace SessionManager.Tests;

public class ShutdownTests
{
    [Fact]
    public async Task A_server_told_to_stop_answers_what_it_was_asked_and_ends_well()
    {
        using var folder = new TempFolder();
        using var server = await ServerProcess.Start(folder.Path, ("Demo__NodeCapacity", "1"));
        using var client = new SessionManagerClient(server.Address, server.ApiKey);
        var minted = await client.Credentials.CreateAsync();
        var waiting = client.Credentials.CreateAsync(new() { Wait = TimeSpan.FromSeconds(30) });
        using var node = new SessionManagerClient(server.Address, server.NodeKey);
        await node.Nodes.HeartbeatAsync(server.NodeId, []);

        Assert.Equal(0, await server.Stop());
        await Assert.ThrowsAsync<NoStreamerAvailableException>(() => waiting);

        using var again = await ServerProcess.Start(folder.Path);
        using var later = new SessionManagerClient(again.Address, again.ApiKey);
        Assert.Equal(SessionStates.Provisioned, (await later.Sessions.GetAsync(minted.SessionId)).State);
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
    public async Task A_start_names_all_impossible_settings_at_once()
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
