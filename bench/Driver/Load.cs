using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SessionManager.Driver;

/// <summary>Callers with a connection of their own each, who mint for a while.</summary>
/// <param name="servers">Front ends of one product; the callers take them in turn.</param>
/// <param name="callers">How many requests may be under way at a time.</param>
/// <param name="rate">
/// Requests a second that begin at fixed instants, whether or not the server keeps up; a request's time counts from the instant it
/// was due, so that a stall is felt by all who would have come meanwhile (no coordinated omission). null: each caller sends its next
/// request when it has the answer to the last.
/// </param>
sealed class Load(Uri[] servers, string[] keys, int callers, double? rate)
{
    readonly byte[][] _requests = [.. keys.Select(Mint)];
    readonly ConcurrentBag<List<long>> _latencies = [];
    int _refused;
    long _begun;

    public async Task<Figures> Run(TimeSpan warmUp, TimeSpan time)
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => KeptConnection.Open(servers[caller % servers.Length])));
        await Phase(connections, warmUp);
        _latencies.Clear();
        _refused = 0;
        var elapsed = await Phase(connections, time);
        foreach (var connection in connections)
            connection.Dispose();
        return Figures.Of([.. _latencies.SelectMany(mine => mine).Order()], elapsed, _refused);
    }

    async Task<TimeSpan> Phase(KeptConnection[] connections, TimeSpan time)
    {
        _begun = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(connections.Select((connection, caller) => Task.Run(() => Call(connection, caller, start, time))));
        return Stopwatch.GetElapsedTime(start);
    }

    async Task Call(KeptConnection connection, int caller, long start, TimeSpan time)
    {
        var mine = new List<long>();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            var due = Stopwatch.GetTimestamp();
            var request = _requests[caller % _requests.Length];
            if (rate is { } perSecond)
            {
                var number = Interlocked.Increment(ref _begun) - 1;
                request = _requests[number % _requests.Length];
                due = start + (long)(number / perSecond * Stopwatch.Frequency);
                var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, TimeProvider.System);
            }

            var status = await connection.Send(request);
            mine.Add(Stopwatch.GetTimestamp() - due);
            if (status is < 200 or > 299)
                Interlocked.Increment(ref _refused);
        }

        _latencies.Add(mine);
    }

    static byte[] Mint(string key) => Encoding.ASCII.GetBytes(
        $"POST /credentials HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}");
}

/// <param name="Refused">Answers that are no success.</param>
sealed record Figures(int Requests, double Rate, double P50Ms, double P99Ms, double MaxMs, int Refused)
{
    public static Figures Of(long[] ticks, TimeSpan elapsed, int refused) =>
        new(ticks.Length, (ticks.Length - refused) / elapsed.TotalSeconds, At(ticks, 0.5), At(ticks, 0.99), At(ticks, 1), refused);

    static double At(long[] ascending, double part) => ascending.Length == 0
        ? 0
        : Stopwatch.GetElapsedTime(0, ascending[Math.Min(ascending.Length - 1, (int)(ascending.Length * part))]).TotalMilliseconds;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $$"""{"requests":{{Requests}},"rate":{{Rate:0.0}},"p50_ms":{{P50Ms:0.000}},"p99_ms":{{P99Ms:0.000}},"max_ms":{{MaxMs:0.000}},"refused":{{Refused}}}""");
}
