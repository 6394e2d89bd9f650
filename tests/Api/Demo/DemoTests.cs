using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Api.Users;
using SessionManager.Hosting;
using SessionManager.Keys;
using SessionManager.Lists;
using SessionManager.Nodes;
using SessionManager.Storage;
using SessionManager.Users;
using static SessionManager.Storage.StorageProvider;

namespace SessionManager.Tests.Demo;

public class DemoTests
{
    [Theory, InlineData(SQLite), PostgresData(PostgreSQL)]
    public async Task A_first_start_makes_an_administrator_an_account_with_a_key_and_a_node(StorageProvider provider)
    {
        using var host = new DemoHost(provider);
        await using var app = await host.Start("--Demo:NodeCapacity=3");

        var demo = Read(host);
        Assert.Equal(app.Urls.Single(), demo.GetProperty("url").GetString());
        var node = (await Grain<INodeDirectoryGrain>(app, INodeDirectoryGrain.Key).Snapshot()).Nodes.Single();
        Assert.Equal((demo.GetProperty("node_id").GetString(), 3, true, null), (node.NodeId, node.Capacity, node.Live, node.SignalingUrl));

        var admin = UserIds.Of(demo.GetProperty("admin").GetProperty("username").GetString()!);
        Assert.Equal(admin, node.OwnerId);
        Assert.True((await Grain<IAccountGrain>(app, admin).Get())!.IsAdmin);
        Assert.False(await Grain<IAdministratorsGrain>(app, IAdministratorsGrain.Key).Claim("usr_other"));
        Assert.Equal([Scopes.NodesRead, Scopes.NodesReport], (await Authenticate(app, demo, "node_key"))!.Scopes.ToArray());

        var key = await Authenticate(app, demo, "api_key");
        Assert.Equal(Scopes.All.Except([Scopes.NodesReport]).Order(), key!.Scopes.Order());
        var account = await Grain<IAccountGrain>(app, key.AccountId).Get();
        Assert.Equal((true, false), (account!.KeysEnabled, account.IsAdmin));
        Assert.Equal([key.KeyId], (await Grain<IUserGrain>(app, key.AccountId).Keys()).Select(listed => listed.Id));

        var listed = await app.Services.GetRequiredService<IUserList>().List(null, null, 10, default);
        Assert.Equal(["admin", "demo"], listed.Data.Select(user => user.Username));
        Assert.Equal(PasswordMatch.Yes, await Login(app, demo));
        await app.StopAsync();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Files_with_secrets_are_readable_by_their_owner_only()
    {
        using var host = new DemoHost();
        await using var app = await host.Start();

        foreach (var name in new[] { "demo.json", "master.key" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Folder, name)));
        await app.StopAsync();
    }

    [Fact]
    public async Task A_second_start_keeps_the_data_the_keys_and_the_password()
    {
        using var host = new DemoHost();
        await using (var first = await host.Start())
            await first.StopAsync();
        var before = Read(host);

        await using var second = await host.Start();

        var after = Read(host);
        foreach (var name in new[] { "api_key", "node_key", "node_id", "admin" })
            Assert.Equal(before.GetProperty(name).ToString(), after.GetProperty(name).ToString());
        Assert.NotNull(await Authenticate(second, after, "api_key"));
        Assert.Equal(PasswordMatch.Yes, await Login(second, after));
        await second.StopAsync();
    }

    [Fact]
    public async Task Data_that_is_gone_is_made_again_with_the_keys_of_the_file()
    {
        using var host = new DemoHost();
        await using (var first = await host.Start())
            await first.StopAsync();
        var before = Read(host);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Path.Combine(host.Folder, "database"), recursive: true);

        await using var second = await host.Start();

        Assert.NotNull(await Authenticate(second, before, "api_key"));
        Assert.Equal(PasswordMatch.Yes, await Login(second, before));
        await second.StopAsync();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    public async Task A_damaged_file_stops_the_start_and_is_named(string content)
    {
        using var host = new DemoHost();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "demo.json"), content);

        var problem = await Assert.ThrowsAsync<StartupException>(() => host.Start());

        Assert.Contains("demo.json", Assert.Single(problem.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_file_is_made_anew_and_holds_even_for_data_from_before()
    {
        using var host = new DemoHost();
        await using (var first = await host.Start())
            await first.StopAsync();
        var before = Read(host);
        // A start that was cut off before the file was whole: its draft is what the next one goes on with.
        File.Move(Path.Combine(host.Folder, "demo.json"), Path.Combine(host.Folder, "old"));
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "demo.json.new"), File.ReadAllText(Path.Combine(host.Folder, "old"))
            .Replace(before.GetProperty("admin").GetProperty("password").GetString()!, "another-password", StringComparison.Ordinal));

        await using var second = await host.Start();

        Assert.Equal("another-password", Read(host).GetProperty("admin").GetProperty("password").GetString());
        Assert.Equal(PasswordMatch.Yes, await Login(second, Read(host)));
        Assert.False(File.Exists(Path.Combine(host.Folder, "demo.json.new")));
        await second.StopAsync();
    }

    [Fact]
    public async Task A_revoked_key_stays_revoked()
    {
        using var host = new DemoHost();
        await using (var first = await host.Start())
        {
            await Grain<IKeyGrain>(first, KeyFormat.IdOf(KeyFormat.Hash(Read(host).GetProperty("api_key").GetString()!))).Revoke();
            await first.StopAsync();
        }

        await using var second = await host.Start();

        Assert.Null(await Authenticate(second, Read(host), "api_key"));
        await second.StopAsync();
    }

    [Fact]
    public async Task Without_the_demo_nothing_is_made()
    {
        using var host = new DemoHost();
        await using var app = await host.Start("--Demo:Enabled=false");

        Assert.False(File.Exists(Path.Combine(host.Folder, "demo.json")));
        Assert.True(await Grain<IAdministratorsGrain>(app, IAdministratorsGrain.Key).Claim("usr_first"));
        await app.StopAsync();
    }

    static JsonElement Read(DemoHost host) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(host.Folder, "demo.json"))).RootElement;

    static T Grain<T>(WebApplication app, string key) where T : IGrainWithStringKey =>
        app.Services.GetRequiredService<IGrainFactory>().GetGrain<T>(key);

    static async Task<KeyPrincipal?> Authenticate(WebApplication app, JsonElement demo, string name)
    {
        var hash = KeyFormat.Hash(demo.GetProperty(name).GetString()!);
        return (await Grain<IKeyGrain>(app, KeyFormat.IdOf(hash)).Authenticate(hash)).Value;
    }

    static async Task<PasswordMatch?> Login(WebApplication app, JsonElement demo)
    {
        var admin = demo.GetProperty("admin");
        var hash = await Grain<IUserGrain>(app, UserIds.Of(admin.GetProperty("username").GetString()!)).PasswordHash();
        return await app.Services.GetRequiredService<Passwords>().Verify(
            hash, admin.GetProperty("password").GetString()!, () => Task.FromResult(true), default);
    }
}
