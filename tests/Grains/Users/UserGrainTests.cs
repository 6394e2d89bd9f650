using SessionManager.Errors;
using SessionManager.Keys;
using SessionManager.Tests.Cluster;
using SessionManager.Users;

namespace SessionManager.Tests.Users;

[Collection(SharedSilos.Name)]
public sealed class UserGrainTests(TwoSilos silos)
{
    readonly string _name = $"ada{Interlocked.Increment(ref _made)}";
    static int _made;

    GrainCluster Cluster => silos.Cluster;
    IUserGrain User => Cluster.Grain<IUserGrain>(UserIds.Of(_name));

    [Fact]
    public async Task Of_many_who_take_a_name_at_once_through_every_silo_one_gets_it()
    {
        var takes = Enumerable.Range(0, 50).Select(i => GrainCluster.Grain<IUserGrain>(Cluster.Silos[i % 2], UserIds.Of(_name)).Create(_name, $"hash {i}"));

        var results = await Task.WhenAll(takes);

        Assert.Single(results, result => result.Ok);
        Assert.All(results.Where(result => !result.Ok), result => Assert.Equal(ErrorCatalogue.UsernameTaken, result.Refusal!.Code));
    }

    [Fact]
    public async Task A_name_whose_record_could_not_be_written_is_still_free()
    {
        Cluster.Store.Fail(User, new IOException("The disk is full."));
        await Assert.ThrowsAnyAsync<Exception>(() => User.Create(_name, "hash"));
        Cluster.Store.LetThrough(User);
        await Cluster.Ended(User);

        Assert.Null(await User.Get());
        Assert.True((await User.Create(_name, "hash")).Ok);
    }

    [Fact]
    public async Task A_hash_made_anew_does_not_undo_a_change_of_password_that_came_between()
    {
        await User.Create(_name, "old");
        await User.SetPasswordHash("changed");

        await User.SetPasswordHash("old, hashed better", insteadOf: "old");

        Assert.Equal("changed", await User.PasswordHash());
    }

    [Fact]
    public async Task A_key_is_counted_once_however_often_it_is_added_and_there_is_a_most_of_them()
    {
        var most = new KeyOptions().MaxPerAccount;
        await User.Create(_name, "hash");
        for (var i = 0; i < most; i++)
            Assert.Null(await User.AddKey($"key_{i}"));

        Assert.Null(await User.AddKey("key_0"));
        Assert.Equal(ErrorCatalogue.TooManyKeys, (await User.AddKey("key_more"))!.Code);
        await User.RemoveKey("key_0");
        Assert.Null(await User.AddKey("key_more"));

        // An ended key takes no room, and neither does one that ends as the other begins.
        await User.KeyEnds("key_more", Cluster.Clock.GetUtcNow());
        Assert.Null(await User.RoomForKey());
        await User.RemoveKey("key_more");
        Assert.Null(await User.AddKey("key_more"));
        Assert.NotNull(await User.RoomForKey());
        Assert.Null(await User.RoomForKey(insteadOf: "key_more"));
        Assert.Equal(most, (await User.Keys()).Length);
    }

    [Fact]
    public async Task After_too_many_failures_a_name_waits_and_a_success_forgives_them()
    {
        await User.Create(_name, "hash");
        var options = new LoginOptions();
        for (var failure = 0; failure < options.UserFailures; failure++)
        {
            Assert.Null(await User.LoginAllowed());
            await User.LoginEnded(succeeded: false);
        }

        var refusal = await User.LoginAllowed();
        Assert.Equal(ErrorCatalogue.TooManyLogins, refusal!.Code);
        await Cluster.Advance(TimeSpan.FromSeconds(refusal.RetryAfterSeconds!.Value));
        Assert.Null(await User.LoginAllowed());

        await User.LoginEnded(succeeded: true);
        await User.LoginEnded(succeeded: false);
        Assert.Null(await User.LoginAllowed());
    }
}
