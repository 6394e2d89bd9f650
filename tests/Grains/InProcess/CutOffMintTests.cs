using SessionManager.Accounts;
using SessionManager.Conformance;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Grains.Tests.Sessions;

/// <summary>What a crash leaves of a mint whose parts are written side by side.</summary>
public sealed class CutOffMintTests : IAsyncLifetime
{
    const string Session = "ses_cut";
    const string NodeId = "n";
    const string Owner = "usr_n";
    static readonly TimeSpan AMintsLife = SessionMachine.GrantLife + TimeSpan.FromSeconds(1);
    readonly ManualTimeProvider _time = new();
    TestEngine _engine = null!;

    INodeGrain Node => _engine.Grain<INodeGrain>(NodeId);

    public async Task InitializeAsync()
    {
        _engine = await TestEngine.StartWithSessions(new TestStore(), _time);
        await _engine.Grain<IAccountGrain>("usr_a").Open(new AccountSettings());
        await Node.Register(Owner, new NodeRegistration { Region = "eu", Model = "m", Capacity = 1 });
    }

    public Task DisposeAsync() => _engine.DisposeAsync().AsTask();

    [Fact]
    public async Task Place_and_session_without_a_slot_are_given_up_by_the_nodes_sweep()
    {
        Assert.True(await Node.Reserve(Session, _time.GetUtcNow().AddMinutes(5)));
        await _engine.Grain<ISessionGrain>(Session).Create(Grant);
        await SweepAfter(AMintsLife);

        Assert.Equal(0, (await Node.Get())!.Used);
        Assert.Null(await _engine.Grain<ISessionGrain>(Session).Get(null));
    }

    [Fact]
    public async Task A_place_without_a_session_is_given_up_by_the_nodes_sweep()
    {
        Assert.True(await Node.Reserve(Session, _time.GetUtcNow().AddMinutes(5)));
        await SweepAfter(AMintsLife);
        Assert.Equal(0, (await Node.Get())!.Used);
    }

    SessionGrant Grant => new()
    {
        AccountId = "usr_a",
        NodeId = NodeId,
        Region = "eu",
        Model = "m",
        WithToken = true,
        At = _time.GetUtcNow(),
        Attempt = 1,
    };

    async Task SweepAfter(TimeSpan time)
    {
        for (var left = time + TimeSpan.FromSeconds(60); left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(5))
        {
            await _engine.Advance(TimeSpan.FromSeconds(5));
            await Node.Heartbeat(Owner, []);
        }
    }
}
