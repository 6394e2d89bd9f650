using System.Buffers.Binary;
using Microsoft.Extensions.Options;
using SessionManager.Api.Users;
using SessionManager.Users;

namespace SessionManager.Tests.Users;

public sealed class PasswordsTests
{
    [Fact]
    public async Task A_password_matches_its_own_hash_only()
    {
        using var passwords = Make();
        var hash = await passwords.Hash("correct horse");

        Assert.Equal(PasswordMatch.Yes, await Verify(passwords, hash, "correct horse"));
        Assert.Equal(PasswordMatch.No, await Verify(passwords, hash, "correct horsf"));
    }

    [Fact]
    public async Task No_password_fits_where_there_is_no_user()
    {
        using var passwords = Make();

        Assert.Equal(PasswordMatch.No, await Verify(passwords, null, ""));
    }

    [Fact]
    public async Task The_hash_is_PBKDF2_with_SHA512_a_16_byte_salt_and_OWASPs_round_count_by_default()
    {
        using var passwords = new Passwords(Options.Create(new LoginOptions()));
        var hash = Convert.FromBase64String(await passwords.Hash("correct horse")).AsMemory();

        // The framework's format 1: a marker byte, then PRF (2 is HMAC-SHA512), rounds and salt length, each big-endian.
        Assert.Equal(1, hash.Span[0]);
        Assert.Equal(2u, BinaryPrimitives.ReadUInt32BigEndian(hash.Span[1..]));
        Assert.Equal(210_000u, BinaryPrimitives.ReadUInt32BigEndian(hash.Span[5..]));
        Assert.Equal(16u, BinaryPrimitives.ReadUInt32BigEndian(hash.Span[9..]));
    }

    [Fact]
    public async Task A_hash_of_fewer_rounds_than_asked_for_is_to_be_made_anew()
    {
        using var before = Make(iterations: 10);
        using var after = Make(iterations: 20);
        var hash = await before.Hash("correct horse");

        Assert.Equal(PasswordMatch.YesButWeak, await Verify(after, hash, "correct horse"));
        Assert.Equal(PasswordMatch.No, await Verify(after, hash, "correct horsf"));
    }

    [Fact]
    public async Task Only_so_many_are_hashed_at_a_time_and_only_so_many_wait()
    {
        using var passwords = Make(concurrency: 1, queue: 2);
        var turn = new TaskCompletionSource<bool>();
        var working = passwords.Verify(null, "a", () => turn.Task, default);
        var first = passwords.Verify(null, "b", Yes, default);
        var second = passwords.Verify(null, "c", Yes, default);

        await Assert.ThrowsAsync<PasswordsBusyException>(() => passwords.Verify(null, "d", Yes, default));
        Assert.False(first.IsCompleted);

        turn.SetResult(true);
        Assert.Equal([PasswordMatch.No, PasswordMatch.No, PasswordMatch.No], await Task.WhenAll(working, first, second));
        Assert.Equal(PasswordMatch.No, await passwords.Verify(null, "e", Yes, default));
    }

    [Fact]
    public async Task Whoever_may_no_longer_try_when_the_turn_has_come_is_not_answered()
    {
        using var passwords = Make();

        Assert.Null(await passwords.Verify(await passwords.Hash("a"), "a", () => Task.FromResult(false), default));
    }

    static Task<PasswordMatch?> Verify(Passwords passwords, string? hash, string password) =>
        passwords.Verify(hash, password, Yes, default);

    static Task<bool> Yes() => Task.FromResult(true);

    static Passwords Make(int iterations = 10, int concurrency = 2, int queue = 10) =>
        new(Options.Create(new LoginOptions
        {
            HashIterations = iterations,
            HashConcurrency = concurrency,
            HashQueue = queue,
        }));
}
