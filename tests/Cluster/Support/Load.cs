using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace SessionManager.Tests;

/// <summary>
/// Callers that mint as ours are told to: with an <c>Idempotency-Key</c>, on any front end, and again after an answer that
/// says so or none at all. What they are told is kept, to be held against the cluster later.
/// </summary>
sealed class Load(LocalCluster cluster)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan ChurnPause = TimeSpan.FromMilliseconds(250);

    readonly ConcurrentBag<TimeSpan> _waits = [];
    readonly ConcurrentQueue<string> _failures = [];
    readonly ConcurrentQueue<string> _failedMints = [];
    int _turns;
    int _keys;

    /// <summary>Acknowledged and not dropped since.</summary>
    public ConcurrentDictionary<string, Account> Live { get; } = [];

    /// <summary>Answers that told the caller to come again, and requests that got none.</summary>
    public int Failures => _failures.Count;

    /// <summary>Those of them that were mints.</summary>
    public IReadOnlyCollection<string> FailedMints => _failedMints;

    /// <summary>The longest that one mint took, with all its repeats.</summary>
    public TimeSpan LongestMint => _waits.IsEmpty ? TimeSpan.Zero : _waits.Max();

    /// <summary>Mints a number of sessions for each account, some at a time.</summary>
    public Task Mint(IEnumerable<Account> accounts, int each, int width) => Parallel.ForEachAsync(
        accounts.SelectMany(account => Enumerable.Repeat(account, each)).OrderBy(account => account.Key[^4..]),
        new ParallelOptions { MaxDegreeOfParallelism = width },
        async (account, _) => await Mint(account));

    /// <returns>The session's id, or null where the account has as many as it may.</returns>
    public async Task<string?> Mint(Account account)
    {
        var key = $"mint-{Interlocked.Increment(ref _keys)}";
        var answer = await Insist(HttpMethod.Post, "/credentials", account.Key, key);
        if (answer.Status == 429)
            return null;
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        var id = answer.Read<Minted>().SessionId;
        Assert.True(Live.TryAdd(id, account), $"Session {id} was handed out twice.");
        return id;
    }

    public async Task Drop(string sessionId)
    {
        Assert.True(Live.TryRemove(sessionId, out var account));
        var answer = await Insist(HttpMethod.Delete, $"/api/sessions/{sessionId}", account.Key, null);
        Assert.True(answer.Status is 200 or 204, $"{answer.Status} {answer.Body}");
    }

    /// <summary>
    /// Mints and drops until told to stop; the accounts are full again and again. Not as fast as they can: what is to start
    /// meanwhile needs the machine as well.
    /// </summary>
    public Task Churn(IReadOnlyList<Account> accounts, CancellationToken stop) => Parallel.ForEachAsync(
        accounts,
        new ParallelOptions { MaxDegreeOfParallelism = accounts.Count },
        async (account, cancellation) =>
        {
            var held = new Queue<string>();
            while (!stop.IsCancellationRequested)
            {
                if (await Mint(account) is { } id)
                    held.Enqueue(id);
                else if (held.TryDequeue(out var oldest))
                    await Drop(oldest);
                await Task.Delay(ChurnPause, cancellation);
            }
        });

    /// <summary>Waits until each account has answered a request to mint that was made after now.</summary>
    public async Task<TimeSpan> AwaitMints(IEnumerable<Account> accounts)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(accounts.Select(async account =>
        {
            if (await Mint(account) is { } id)
                await Drop(id);
        }));
        return watch.Elapsed;
    }

    /// <summary>Every session that callers were told of is known, as theirs and as a live one.</summary>
    public Task AssertKnown() => Parallel.ForEachAsync(
        Live,
        new ParallelOptions { MaxDegreeOfParallelism = 16 },
        async (session, _) =>
        {
            var answer = await Insist(HttpMethod.Get, $"/api/sessions/{session.Key}", session.Value.Key, null);
            Assert.True(answer.Status == 200, $"{session.Key}: {answer.Status} {answer.Body}");
            Assert.NotEqual("dropped", answer.Read<Known>().State);
        });

    /// <summary>
    /// No account holds more than its limit, and each holds no more slots than it was told of, before the time is over.
    /// </summary>
    /// <returns>How long the last one took.</returns>
    public async Task<TimeSpan> AssertSlots(IEnumerable<Account> accounts, TimeSpan within)
    {
        var watch = Stopwatch.StartNew();
        foreach (var account in accounts)
        {
            var live = Live.Count(session => session.Value.Id == account.Id);
            Assert.InRange(live, 0, account.Limit);
            await Eventually.Holds($"account {account.Id} holds {live} slots", within, async () =>
            {
                var active = (await Insist(HttpMethod.Get, "/api/usage", account.Key, null)).Read<Usage>().ActiveCount;
                Assert.InRange(active, 0, account.Limit);
                return active == live;
            });
        }

        return watch.Elapsed;
    }

    /// <summary>Sends the request to one front end after the other until one gives an answer that is final.</summary>
    public async Task<Answer> Insist(HttpMethod method, string path, string bearer, string? idempotencyKey)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await Try(method, path, bearer, idempotencyKey);
            if (answer is { Status: not (503 or 502 or 504) } && !(answer.Status == 409 && answer.Body.Contains("idempotency_in_flight", StringComparison.Ordinal)))
            {
                _waits.Add(watch.Elapsed);
                return answer;
            }

            var failure = answer is null ? "no answer" : $"{answer.Status} {answer.Body}";
            _failures.Enqueue(failure);
            if (idempotencyKey is not null)
                _failedMints.Enqueue(failure);
            Assert.True(watch.Elapsed < Patience, $"{method} {path} has had no answer for {Patience.TotalSeconds} s: {answer}");
            await Task.Delay(Pause);
        }
    }

    async Task<Answer?> Try(HttpMethod method, string path, string bearer, string? idempotencyKey)
    {
        var api = cluster.Apis[Interlocked.Increment(ref _turns) % cluster.Apis.Count];
        try
        {
            return await Wire.Send(method, api, path, bearer, idempotencyKey: idempotencyKey);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            return null;
        }
    }

    sealed record Minted(string SessionId);

    sealed record Known(string State);

    sealed record Usage(int ActiveCount);
}
