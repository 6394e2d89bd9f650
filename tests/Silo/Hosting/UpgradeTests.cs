using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using SessionManager.Accounts;
using SessionManager.Keys;
using SessionManager.Nodes;
using SessionManager.Sessions;
using SessionManager.Storage;
using SessionManager.Tests.Storage.Migration;
using SessionManager.Users;

namespace SessionManager.Tests.Hosting;

/// <summary>The grains read what the version before sessions were rows has written, once storage has moved their sessions out of it.</summary>
public sealed class UpgradeTests
{
    const string Demo = "usr_fklvc3bvjnuijdg33d2uuitkbi";

    [Fact]
    public async Task Every_record_of_the_earlier_version_is_read_from_its_files()
    {
        using var host = new HostFixture();
        EarlierData.MakeFiles(Directory.CreateDirectory(Path.Combine(host.Folder, "orleans")));
        await using var app = await host.Start();
        await AssertReadable(app, ["key_2wo2ny4gerrqoeb246e6lusdba", "key_aolvilsrmjiz2nv2ctwn7tbmfy"], "ses_o72uwqgoitfqi3oteez43dpage");
        await app.StopAsync();
    }

    [PostgresFact]
    public async Task Every_record_of_the_earlier_version_is_read_from_its_database()
    {
        using var host = new HostFixture();
        await using var app = await host.Start(
            $"--Storage:Provider={nameof(StorageProvider.PostgreSQL)}", $"--Storage:ConnectionString={await EarlierData.MakeDatabase()}");
        await AssertReadable(app, ["key_oqpdca3zubxrmembw2zvrh4ybq", "key_bnoeiftiwsz7uc27u2ivwh3q6y"], "ses_ywyrpcfhq6aziq25sk6q4f75xq");
        await app.StopAsync();
    }

    static async Task AssertReadable(WebApplication app, string[] keys, string session)
    {
        var grains = app.Services.GetRequiredService<IGrainFactory>();
        foreach (var user in (await app.Services.GetRequiredService<IUserList>().List(null, null, 10, default)).Data)
        {
            Assert.Equal(user.Username, (await grains.GetGrain<IUserGrain>(user.Id).Get())?.Username);
            Assert.NotNull(await grains.GetGrain<IAccountGrain>(user.Id).Get());
        }

        Assert.Equal(20, (await grains.GetGrain<IAccountGrain>(Demo).Usage())?.Limit);
        foreach (var key in keys)
            Assert.NotNull(await grains.GetGrain<IKeyGrain>(key).Get());
        Assert.Equal(100, (await grains.GetGrain<INodeGrain>("demo-node").Get())?.Capacity);
        await grains.GetGrain<ISessionGrain>(session).Drop(Demo, DropReason.Terminated);
        Assert.Equal(SessionState.Dropped, (await app.Services.GetRequiredService<ISessionStore>().Find(session))?.State);
    }
}
