using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Cluster;

namespace SessionManager.Tests.Accounts;

/// <summary>The account's word on a key is the key's own word, at every request.</summary>
[Collection(SharedSilos.Name)]
public sealed class EntryTests(TwoSilos silos) : IAsyncLifetime
{
    static int _made;

    readonly KeyRecord _record = new()
    {
        AccountId = string.Create(CultureInfo.InvariantCulture, $"usr_entry{Interlocked.Increment(ref _made)}"),
        Hash = KeyFormat.Hash(string.Create(CultureInfo.InvariantCulture, $"entry {_made}")),
        Name = "script",
        Prefix = "odn_abcdef",
        Scopes = [Scopes.SessionsRead],
        CreatedAt = DateTimeOffset.UnixEpoch,
        AllowedNetworks = ["192.0.2.0/24"],
    };

    GrainCluster Cluster => silos.Cluster;
    string KeyId => KeyFormat.IdOf(_record.Hash);
    IKeyGrain Key => Cluster.Grain<IKeyGrain>(KeyId);
    IAccountGrain Account => Cluster.Grain<IAccountGrain>(_record.AccountId);

    public async Task InitializeAsync()
    {
        await Account.Open(new AccountSettings { KeysEnabled = true });
        Assert.True(await Key.Create(_record));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_key_that_its_account_knows_is_not_asked_for_a_request()
    {
        Assert.Equal([Scopes.SessionsRead], (await Enter()).Value!.Key!.Scopes.ToArray());
        await Cluster.End(Key);

        Assert.True((await Enter()).Ok);
        Assert.Throws<InvalidOperationException>(() => Cluster.HomeOf(Key));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_the_next_request_through_either_silo()
    {
        Assert.True((await Enter()).Ok);
        Assert.True((await Enter(hash: null)).Ok);

        Assert.NotNull(await Key.Revoke());

        foreach (var silo in Cluster.Silos)
        {
            var account = GrainCluster.Grain<IAccountGrain>(silo, _record.AccountId);
            Assert.Equal(ErrorCatalogue.InvalidKey, (await account.Enter(Entry(_record.Hash))).Refusal?.Code);
            Assert.Equal(ErrorCatalogue.InvalidKey, (await account.Enter(Entry(null))).Refusal?.Code);
        }
    }

    [Fact]
    public async Task A_key_that_was_replaced_without_grace_is_refused_at_the_next_request_and_the_reason_is_told()
    {
        Assert.True((await Enter()).Ok);

        Assert.Null(await Key.Supersede("key_successor", Cluster.Clock.GetUtcNow(), insteadOf: null));

        Assert.StartsWith("The API key was replaced", (await Enter()).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revocation_whose_news_was_cut_off_holds_within_half_a_minute()
    {
        Assert.True((await Enter()).Ok);
        Cluster.Store.Overwrite(Key, "key", KeyState.Revoked(Cluster.Clock.GetUtcNow()));
        await Cluster.End(Key);
        Assert.True((await Enter()).Ok);

        await Cluster.Advance(KnownKeys.Life);

        Assert.Equal(ErrorCatalogue.InvalidKey, (await Enter()).Refusal?.Code);
    }

    [Fact]
    public async Task A_key_is_revoked_for_its_account_as_soon_as_that_has_heard_of_it()
    {
        Assert.True((await Enter()).Ok);

        await Account.KeyRevoked(KeyId, connectedToo: false);

        Assert.Equal(ErrorCatalogue.InvalidKey, (await Enter()).Refusal?.Code);
    }

    [Fact]
    public async Task Neither_another_keys_hash_nor_another_accounts_key_opens_an_account()
    {
        Assert.True((await Enter()).Ok);

        Assert.Equal(ErrorCatalogue.InvalidKey, (await Enter(KeyFormat.Hash("another"))).Refusal?.Code);
        var other = Cluster.Grain<IAccountGrain>(_record.AccountId + "other");
        await other.Open(new AccountSettings { KeysEnabled = true });
        Assert.Equal(ErrorCatalogue.InvalidKey, (await other.Enter(Entry(_record.Hash))).Refusal?.Code);
    }

    [Fact]
    public async Task A_request_from_where_the_key_may_not_be_used_is_refused_and_not_counted()
    {
        var before = (await Enter()).Value!.Rate.Remaining;

        var elsewhere = await Account.Enter(Entry(_record.Hash) with { From = IPAddress.Parse("198.51.100.1") });

        Assert.Equal(ErrorCatalogue.AddressNotAllowed, elsewhere.Refusal?.Code);
        Assert.Equal(before - 1, (await Enter()).Value!.Rate.Remaining);
    }

    Task<Result<AccountAccess>> Enter() => Enter(_record.Hash);

    Task<Result<AccountAccess>> Enter(ImmutableArray<byte>? hash) => Account.Enter(Entry(hash));

    Entry Entry(ImmutableArray<byte>? hash) => new() { KeyId = KeyId, KeyHash = hash, From = IPAddress.Parse("192.0.2.7"), Metered = true };
}
