using SessionManager.Keys;
using SessionManager.Randomness;

namespace SessionManager.Tests.Keys;

public sealed class KeyFormatTests
{
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    static readonly string Key = KeyFormat.Create(new SystemRandomSource());

    [Fact]
    public void A_key_is_odn_and_52_lowercase_base32_characters()
    {
        Assert.Matches("^odn_[a-z2-7]{52}$", Key);
        Assert.True(KeyFormat.IsWellFormed(Key));
    }

    [Fact]
    public void Any_one_character_mistyped_is_noticed_without_a_lookup()
    {
        for (var at = KeyFormat.DefaultPrefix.Length; at < Key.Length; at++)
        {
            foreach (var other in Alphabet.Where(character => character != Key[at]))
                Assert.False(KeyFormat.IsWellFormed(Key[..at] + other + Key[(at + 1)..]), $"character {at} as {other}");
        }
    }

    [Fact]
    public void Any_two_neighbours_swapped_are_noticed_without_a_lookup()
    {
        for (var at = KeyFormat.DefaultPrefix.Length; at < Key.Length - 1; at++)
        {
            if (Key[at] != Key[at + 1])
                Assert.False(KeyFormat.IsWellFormed(Key[..at] + Key[at + 1] + Key[at] + Key[(at + 2)..]), $"characters {at} and {at + 1}");
        }
    }

    [Fact]
    public void What_is_not_a_whole_key_is_not_well_formed()
    {
        Assert.All(
            [null, "", "odn_", Key[..^1], Key + "a", " " + Key, Key + "\n", Key.ToUpperInvariant(), "odx_" + Key[4..], Key[4..]],
            text => Assert.False(KeyFormat.IsWellFormed(text), text));
    }

    [Fact]
    public void A_deployment_may_choose_its_own_prefix()
    {
        var key = KeyFormat.Create(new SystemRandomSource(), "acme_");

        Assert.True(KeyFormat.IsWellFormed(key, "acme_"));
        Assert.False(KeyFormat.IsWellFormed(key));
        Assert.Equal(key[..11], KeyFormat.Shown(key, "acme_"));
    }

    [Fact]
    public void Lists_show_the_prefix_and_six_characters() => Assert.Equal(Key[..10], KeyFormat.Shown(Key));

    [Fact]
    public void The_id_tells_nothing_of_the_key_but_is_found_from_it()
    {
        var id = KeyFormat.IdOf(KeyFormat.Hash(Key));

        Assert.Equal(id, KeyFormat.IdOf(KeyFormat.Hash(Key)));
        Assert.Matches("^key_[a-z2-7]{26}$", id);
        Assert.DoesNotContain(Key[4..12], id, StringComparison.Ordinal);
    }
}
