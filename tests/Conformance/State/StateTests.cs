using Orleans.Storage;

namespace SessionManager.Conformance.State;

public sealed class Wallet
{
    public int Amount { get; set; }

    public string? Owner { get; set; }
}

public interface IWalletGrain : IGrainWithStringKey
{
    Task<int> Amount();

    Task<bool> Exists();

    Task<string?> Etag();

    Task Put(int amount);

    Task Clear();

    Task Deactivate();

    /// <summary>Writes through a second activation's eyes: with an ETag that is no longer the stored one.</summary>
    Task PutStale(int amount);

    Task<int> ChangeWithoutWriting(int amount);

    Task PutSeveralAtOnce(int amount);

    Task ReadAgain();

    Task<string> PutAndSwallowConflict(int amount);

    Task PutInATimer(int amount);

    [AlwaysInterleave]
    Task PutInBetween(int amount);

    Task PutIn(string key, int amount);
}

public sealed class WalletGrain([PersistentState("wallet")] IPersistentState<Wallet> wallet, Probe probe) : Grain, IWalletGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Report($"activated with {wallet.State.Amount}");
        return Task.CompletedTask;
    }

    public Task<int> Amount() => Task.FromResult(wallet.State.Amount);

    public Task<bool> Exists() => Task.FromResult(wallet.RecordExists);

    public Task<string?> Etag() => Task.FromResult(wallet.Etag);

    public Task Put(int amount)
    {
        wallet.State.Amount = amount;
        return wallet.WriteStateAsync();
    }

    public Task Clear() => wallet.ClearStateAsync();

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task PutStale(int amount)
    {
        wallet.State.Amount = amount;
        probe.Report("stale write");
        return wallet.WriteStateAsync();
    }

    public Task<int> ChangeWithoutWriting(int amount)
    {
        wallet.State.Amount = amount;
        return Task.FromResult(amount);
    }

    public async Task PutSeveralAtOnce(int amount)
    {
        var writes = new List<Task>();
        for (var i = 1; i <= amount; i++)
        {
            wallet.State.Amount = i;
            writes.Add(wallet.WriteStateAsync());
        }

        probe.Report($"{writes.Distinct().Count()} writes");
        await Task.WhenAll(writes);
    }

    public Task PutInBetween(int amount)
    {
        probe.Report($"put {amount}");
        return Put(amount);
    }

    public Task PutInATimer(int amount)
    {
        this.RegisterGrainTimer(
            async () =>
            {
                probe.Report("tick");
                await Put(amount);
            },
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task PutIn(string key, int amount) => GrainFactory.GetGrain<IWalletGrain>(key).Put(amount);

    public Task ReadAgain() => wallet.ReadStateAsync();

    public async Task<string> PutAndSwallowConflict(int amount)
    {
        try
        {
            await Put(amount);
            return "written";
        }
        catch (InconsistentStateException)
        {
            return "conflict";
        }
    }
}

public sealed class OrleansStateTests : StateTests<OrleansHost>;

public sealed class SimulatedStateTests : StateTests<SimulatedHost>;

public abstract class StateTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    [Fact]
    public async Task A_grain_never_written_has_a_fresh_state_and_no_record()
    {
        Assert.Equal(0, await Soon(Grain<IWalletGrain>().Amount()));
        Assert.False(await Soon(Grain<IWalletGrain>().Exists()));
        Assert.Null(await Soon(Grain<IWalletGrain>().Etag()));
    }

    [Fact]
    public async Task What_was_written_is_there_before_the_next_activation_begins()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(7));
        await Soon(grain.Deactivate());

        Assert.Equal(7, await Soon(grain.Amount()));
        await Probe.Seen("activated with 7");
        Assert.True(await Soon(grain.Exists()));
    }

    [Fact]
    public async Task What_was_written_survives_a_restart()
    {
        await Soon(Grain<IWalletGrain>().Put(7));

        await Host.RestartAsync();

        Assert.Equal(7, await Soon(Grain<IWalletGrain>().Amount()));
    }

    [Fact]
    public async Task What_was_not_written_does_not_survive_the_activation()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(7));
        await Soon(grain.ChangeWithoutWriting(8));
        Assert.Equal(8, await Soon(grain.Amount()));

        await Soon(grain.Deactivate());

        Assert.Equal(7, await Soon(grain.Amount()));
    }

    [Fact]
    public async Task Every_write_changes_the_etag()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(1));
        var first = await Soon(grain.Etag());
        await Soon(grain.Put(1));

        Assert.NotNull(first);
        Assert.NotEqual(first, await Soon(grain.Etag()));
    }

    [Fact]
    public async Task A_cleared_record_is_gone_and_can_be_written_again()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(7));
        await Soon(grain.Clear());

        Assert.Equal(0, await Soon(grain.Amount()));
        Assert.False(await Soon(grain.Exists()));

        await Soon(grain.Put(3));
        await Soon(grain.Deactivate());
        Assert.Equal(3, await Soon(grain.Amount()));
    }

    [Fact]
    public async Task Reading_again_drops_what_was_not_written()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(7));
        await Soon(grain.ChangeWithoutWriting(8));

        await Soon(grain.ReadAgain());

        Assert.Equal(7, await Soon(grain.Amount()));
    }

    [Fact]
    public async Task Writes_asked_for_in_one_turn_join_and_the_last_state_is_stored()
    {
        var grain = Grain<IWalletGrain>();

        await Soon(grain.PutSeveralAtOnce(5));

        await Probe.Seen("1 writes");
        await Soon(grain.Deactivate());
        Assert.Equal(5, await Soon(grain.Amount()));
    }

    [Fact]
    public async Task Writes_asked_for_while_one_is_under_way_share_the_next_one()
    {
        var grain = Grain<IWalletGrain>();
        Host.HoldWrites("disk");
        var first = grain.PutInBetween(1);
        await Probe.Seen("writing");
        var rest = new[] { grain.PutInBetween(2), grain.PutInBetween(3), grain.PutInBetween(4) };
        foreach (var amount in new[] { 2, 3, 4 }) await Probe.Seen($"put {amount}");
        Assert.Equal(1, Probe.Count("writing"));

        Probe.Open("disk");
        await Soon(Task.WhenAll(rest.Append(first)));

        Assert.Equal(2, Probe.Count("writing"));
        var last = await Soon(grain.Amount());
        await Soon(grain.Deactivate());
        Assert.Equal(last, await Soon(grain.Amount()));
    }

    [Fact]
    public async Task A_conflicting_write_fails_and_ends_the_activation_which_then_reads_again()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(1));
        Host.WriteBehind(grain.GetGrainId(), "wallet", new Wallet { Amount = 50 });

        await Assert.ThrowsAsync<InconsistentStateException>(() => Soon(grain.PutStale(2)));

        Assert.Equal(50, await Soon(grain.Amount()));
        Assert.Equal(1, Probe.Count("activated with 50"));
    }

    [Fact]
    public async Task A_conflict_that_leaves_a_timer_tick_ends_the_activation_too()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(1));
        Host.WriteBehind(grain.GetGrainId(), "wallet", new Wallet { Amount = 50 });
        await Soon(grain.PutInATimer(2));

        Host.Time.Advance(TimeSpan.FromSeconds(1));
        await Probe.Seen("tick");

        Assert.Equal(50, await Soon(grain.Amount()));
    }

    [Fact]
    public async Task A_conflict_passing_through_another_grain_ends_only_the_activation_it_comes_from()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(1));
        await Soon(Grain<IWalletGrain>("other").Put(1));
        Host.WriteBehind(grain.GetGrainId(), "wallet", new Wallet { Amount = 50 });

        await Assert.ThrowsAsync<InconsistentStateException>(() => Soon(Grain<IWalletGrain>("other").PutIn("a", 2)));

        await Soon(Grain<IWalletGrain>("other").ChangeWithoutWriting(9));
        Assert.Equal(9, await Soon(Grain<IWalletGrain>("other").Amount()));
        Assert.Equal(50, await Soon(grain.Amount()));
        Assert.Equal(2, Probe.Count("activated with 0"));
    }

    [Fact]
    public async Task A_conflict_that_the_grain_handles_leaves_the_activation_alive()
    {
        var grain = Grain<IWalletGrain>();
        await Soon(grain.Put(1));
        Host.WriteBehind(grain.GetGrainId(), "wallet", new Wallet { Amount = 50 });

        Assert.Equal("conflict", await Soon(grain.PutAndSwallowConflict(2)));

        Assert.Equal(2, await Soon(grain.Amount()));
    }
}
