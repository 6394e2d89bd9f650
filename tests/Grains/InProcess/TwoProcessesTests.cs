using System.Collections.Immutable;
using Orleans.Storage;
using SessionManager.Accounts;
using SessionManager.Conformance;
using SessionManager.Errors;
using SessionManager.Nodes;
using SessionManager.Sessions;

namespace SessionManager.Grains.Tests.Sessions;

/// <summary>Two processes on one storage, as when one is thought dead and is not: neither acts on what it only remembers.</summary>
public sealed class TwoProcessesTests : IAsyncLifetime
{
    const string Account = "usr_a";
    const string Owner = "usr_n";
    const int Capacity = 5;
    readonly ManualTimeProvider _time = new();
    readonly TestStore _store = new();
    TestEngine _old = null!;
    TestEngine _new = null!;

    public async Task InitializeAsync()
    {
        _old = await TestEngine.StartWithSessions(_store, _time);
        _new = await TestEngine.StartWithSessions(_store, _time);
        await _old.Grain<IAccountGrain>(Account).Open(new AccountSettings());
        await Register("n1");
    }

    public async Task DisposeAsync()
    {
        await _old.DisposeAsync();
        await _new.DisposeAsync();
    }

    [Fact]
    public async Task A_mint_repeated_at_the_one_is_not_told_again_once_the_other_has_suspended_the_account()
    {
        await Mint(_old);
        await _new.Grain<IAccountGrain>(Account).Change(new AccountChange { Suspended = true });

        await Assert.ThrowsAsync<InconsistentStateException>(() => Mint(_old));
        Assert.Equal(SessionState.Dropped, (await Mint(_old)).Value?.State);
    }

    [Fact]
    public async Task The_end_of_a_connection_that_the_other_let_in_is_not_lost()
    {
        var session = (await Mint(_old)).Value!.SessionId;
        Assert.True((await _new.Grain<INodeGrain>("n1").Connected(Owner, session, "c")).Ok);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Disconnect(session));
        Assert.Equal(SessionState.Connected, (await _new.Grain<ISessionGrain>(session).Get(null))!.Session.State);
    }

    [Fact]
    public async Task A_place_that_the_other_gave_is_not_said_to_be_free_by_one_that_does_not_know_of_it()
    {
        Assert.True(await _new.Grain<INodeGrain>("n1").Hold("ses_1"));

        await Assert.ThrowsAsync<InconsistentStateException>(() => _old.Grain<INodeGrain>("n1").Release("ses_1"));
        await _old.Grain<INodeGrain>("n1").Release("ses_1");
        Assert.Equal(0, (await _old.Grain<INodeGrain>("n1").Get())?.Used);
    }

    [Fact]
    public async Task A_mint_whose_kept_place_is_lost_goes_where_there_is_room()
    {
        Assert.True(await _old.Grain<INodeGrain>("n1").Reserve("ses_kept", _time.GetUtcNow().AddMinutes(5)));
        await _old.Advance(TimeSpan.FromMinutes(5));
        await Register("n2");
        await _old.Quiet();

        var minted = await _old.Grain<IAccountGrain>(Account).Mint(Request("ses_kept", null) with { ReservedNodeId = "n1" });

        Assert.Equal("n2", minted.Value?.NodeId);
    }

    [Fact]
    public async Task A_mint_whose_kept_place_is_anothers_goes_where_there_is_room()
    {
        for (var i = 0; i < Capacity; i++)
            Assert.True(await _old.Grain<INodeGrain>("n1").Reserve($"ses_{i}", _time.GetUtcNow().AddMinutes(5)));
        await Register("n2");

        var minted = await _old.Grain<IAccountGrain>(Account).Mint(Request("ses_kept", null) with { ReservedNodeId = "n1" });

        Assert.Equal("n2", minted.Value?.NodeId);
    }

    Task<Result<NodeLease>> Register(string nodeId) => _old.Grain<INodeGrain>(nodeId).Register(Owner, new NodeRegistration { Region = "eu", Model = "m", Capacity = Capacity });

    Task<Result<Session>> Disconnect(string session) => _old.Grain<INodeGrain>("n1").Disconnected(Owner, session, "c", clean: true);

    static Task<Result<Session>> Mint(TestEngine engine) => engine.Grain<IAccountGrain>(Account).Mint(Request("ses_1", "again"));

    static MintRequest Request(string sessionId, string? key) => new()
    {
        SessionId = sessionId,
        KeyId = null,
        WithToken = true,
        NeedsImageToVideo = false,
        IdempotencyKey = key,
        BodyDigest = key is null ? null : "digest",
        RegionLatencies = ImmutableDictionary<string, double>.Empty,
    };
}
