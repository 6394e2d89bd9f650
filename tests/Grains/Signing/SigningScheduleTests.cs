using System.Collections.Immutable;
using SessionManager.Signing;

namespace SessionManager.Tests.Signing;

public sealed class SigningScheduleTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly SigningOptions Options = new() { RotationSeconds = 1_000, PublishSeconds = 100, RetireSeconds = 300 };
    static readonly ImmutableArray<StoredKey> One = [Key("a", 0)];
    static readonly ImmutableArray<StoredKey> Two = [Key("a", 0), Key("b", 1_000)];

    [Fact]
    public void A_first_key_is_needed_at_once_and_its_successor_before_its_time_is_over()
    {
        Assert.True(SigningSchedule.NeedsSuccessor([], Start, Options));
        Assert.False(SigningSchedule.NeedsSuccessor(One, Start.AddSeconds(899), Options));
        Assert.True(SigningSchedule.NeedsSuccessor(One, Start.AddSeconds(900), Options));
        Assert.False(SigningSchedule.NeedsSuccessor(Two, Start.AddSeconds(999), Options));
    }

    [Fact]
    public void A_successor_is_published_before_it_signs()
    {
        Assert.Equal("a", SigningSchedule.Signer(Two, Start.AddSeconds(999))!.KeyId);
        Assert.Equal("b", SigningSchedule.Signer(Two, Start.AddSeconds(1_000))!.KeyId);
        Assert.Equal(["a", "b"], Ids(SigningSchedule.Published(Two, Start.AddSeconds(900), Options)));
    }

    [Fact]
    public void A_key_that_signs_no_more_is_published_until_its_last_token_has_expired()
    {
        Assert.Equal(["a", "b"], Ids(SigningSchedule.Published(Two, Start.AddSeconds(1_299), Options)));
        Assert.Equal(["b"], Ids(SigningSchedule.Published(Two, Start.AddSeconds(1_300), Options)));
    }

    [Theory]
    [InlineData(0, 900)]
    [InlineData(950, 1_000)]
    [InlineData(1_100, 1_300)]
    public void A_copy_is_good_until_the_next_change(double now, double change)
    {
        var keys = now < 900 ? One : Two;

        Assert.Equal(Start.AddSeconds(change), SigningSchedule.NextChange(keys, Start.AddSeconds(now), Options));
    }

    static StoredKey Key(string id, double signsFrom) => new(id, [], Start, Start.AddSeconds(signsFrom));

    static IEnumerable<string> Ids(ImmutableArray<StoredKey> keys) => keys.Select(key => key.KeyId);
}
