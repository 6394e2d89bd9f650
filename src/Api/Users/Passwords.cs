using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using SessionManager.Users;

namespace SessionManager.Api.Users;

/// <summary>How a password compares with its hash.</summary>
public enum PasswordMatch
{
    No,
    Yes,

    /// <summary>It matches, and the hash is of fewer rounds than are asked for now: make it anew.</summary>
    YesButWeak,
}

/// <summary>
/// PBKDF2-HMAC-SHA512 by the framework's own hasher. A hash takes a core for a good part of a second on purpose, so only a few
/// are made at a time, each on a thread of its own: a flood of logins waits here and everything else goes on.
/// </summary>
public sealed class Passwords : IDisposable
{
    readonly IPasswordHasher<string> _hasher;
    readonly ConcurrencyLimiter _turns;
    readonly string _nobody;

    /// <param name="hasher">null: the framework's, with as many rounds as the options ask for.</param>
    public Passwords(IOptions<LoginOptions> options, IPasswordHasher<string>? hasher = null)
    {
        var concurrency = options.Value.HashConcurrency ?? Math.Max(1, Environment.ProcessorCount / 2);
        _hasher = hasher ?? new PasswordHasher<string>(Options.Create(
            new PasswordHasherOptions { IterationCount = options.Value.HashIterations }));
        _turns = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = concurrency, QueueLimit = options.Value.HashQueue });
        _nobody = _hasher.HashPassword("", "");
    }

    /// <exception cref="PasswordsBusyException">Too many wait already.</exception>
    public Task<string> Hash(string password, CancellationToken cancellation = default) =>
        Run(() => Task.FromResult(true), () => _hasher.HashPassword("", password), "", cancellation);

    /// <summary>Takes as long where there is no hash (no such user) as where there is one.</summary>
    /// <param name="allowed">Asked when the turn has come, however long it took: false answers null without hashing.</param>
    /// <exception cref="PasswordsBusyException">Too many wait already.</exception>
    public Task<PasswordMatch?> Verify(string? hash, string password, Func<Task<bool>> allowed, CancellationToken cancellation) =>
        Run<PasswordMatch?>(allowed, () => Compare(hash, password), null, cancellation);

    public void Dispose() => _turns.Dispose();

    PasswordMatch? Compare(string? hash, string password) =>
        (hash is null, _hasher.VerifyHashedPassword("", hash ?? _nobody, password)) switch
        {
            (true, _) or (_, PasswordVerificationResult.Failed) => PasswordMatch.No,
            (_, PasswordVerificationResult.SuccessRehashNeeded) => PasswordMatch.YesButWeak,
            _ => PasswordMatch.Yes,
        };

    async Task<T> Run<T>(Func<Task<bool>> allowed, Func<T> work, T otherwise, CancellationToken cancellation)
    {
        using var turn = await _turns.AcquireAsync(cancellationToken: cancellation);
        if (!turn.IsAcquired)
            throw new PasswordsBusyException();
        return await allowed()
            ? await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : otherwise;
    }
}

/// <summary>More passwords wait to be hashed than may.</summary>
public sealed class PasswordsBusyException() : Exception("Too many logins are waiting.");
