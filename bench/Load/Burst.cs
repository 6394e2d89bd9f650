using System.Collections.Concurrent;
using System.Diagnostics;

namespace SessionManager.Load;

/// <summary>A number of callers, each with a connection of its own and one request at a time, for a while.</summary>
static class Burst
{
    public static async Task<Result> Run(Uri server, int callers, TimeSpan time, Func<int, byte[]> request)
    {
        var latencies = new ConcurrentBag<List<long>>();
        var connections = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => KeptConnection.Open(server)));
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(connections.Select((connection, caller) => Task.Run(async () =>
        {
            var mine = new List<long>();
            var bytes = request(caller);
            while (watch.Elapsed < time)
            {
                var start = Stopwatch.GetTimestamp();
                await connection.Send(bytes);
                mine.Add(Stopwatch.GetTimestamp() - start);
            }

            latencies.Add(mine);
        })));
        var elapsed = watch.Elapsed;
        foreach (var connection in connections)
            connection.Dispose();
        return new Result([.. latencies.SelectMany(mine => mine).Order()], elapsed);
    }
}

/// <param name="Ticks">Each request's, ascending.</param>
sealed record Result(long[] Ticks, TimeSpan Elapsed)
{
    public double PerSecond => Ticks.Length / Elapsed.TotalSeconds;

    /// <summary>In milliseconds.</summary>
    public double Percentile(int percent) =>
        Stopwatch.GetElapsedTime(0, Ticks[Math.Min(Ticks.Length - 1, (int)((long)Ticks.Length * percent / 100))]).TotalMilliseconds;
}
