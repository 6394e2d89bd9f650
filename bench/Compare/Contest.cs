using System.Globalization;
using System.Text.Json.Nodes;

namespace SessionManager.Compare;

/// <summary>Product and peer under the same load by turns, so that what else the machine does falls on both.</summary>
/// <param name="name">For the table.</param>
/// <param name="oneAccount">Whether all callers share one account's key.</param>
sealed class Contest(string name, IMeasured product, IMeasured peer, int callers, Effort effort, bool oneAccount = false)
{
    public async Task<JsonObject> Run()
    {
        var (ours, theirs) = (new List<Measured>(), new List<Measured>());
        for (var pair = 0; pair < effort.Pairs; pair++)
        {
            // Who goes first changes, as the second finds the caches and the disk busier.
            if (pair % 2 == 0)
                ours.Add(await Closed(product));
            theirs.Add(await Closed(peer));
            if (pair % 2 == 1)
                ours.Add(await Closed(product));
        }

        // Tail latency at a rate that both can keep: half of what the slower one can do.
        var rate = Math.Min(Median(ours.Select(o => o.Rate)), Median(theirs.Select(t => t.Rate))) / 2;
        var (ourPace, theirPace) = (await Paced(product, rate), await Paced(peer, rate));
        var ratio = Median(ours.Zip(theirs, (o, t) => o.Rate / t.Rate));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name,-24} | {callers,7} | {Median(ours.Select(o => o.Rate)),7:0} | {Median(theirs.Select(t => t.Rate)),7:0} | {ratio,5:0.00} | {ourPace.P99Ms,8:0.0} | {theirPace.P99Ms,8:0.0} | {Median(ours.Select(o => o.ProcessorMs)) * 1000,8:0} | {Median(theirs.Select(t => t.ProcessorMs)) * 1000,8:0} | {ours.Append(ourPace).Sum(o => o.Refused),7} | {theirs.Append(theirPace).Sum(t => t.Refused),7} |"));
        return new JsonObject
        {
            ["product_rate"] = Math.Round(Median(ours.Select(o => o.Rate)), 1),
            ["peer_rate"] = Math.Round(Median(theirs.Select(t => t.Rate)), 1),
            ["ratio"] = Math.Round(ratio, 3),
            ["product_p99_ms"] = Math.Round(ourPace.P99Ms, 2),
            ["peer_p99_ms"] = Math.Round(theirPace.P99Ms, 2),
        };
    }

    public static string TableHead { get; } =
        """
        | load                     | callers | product |    peer | ratio | p99 ours | p99 peer | CPU ours | CPU peer | refused | refused |
        |                          |         | mints/s | mints/s |       |       ms |       ms |       µs |       µs |    ours |    peer |
        |--------------------------|--------:|--------:|--------:|------:|---------:|---------:|---------:|---------:|--------:|--------:|
        """;

    Task<Measured> Closed(IMeasured server) => Drive.Run(server, callers, effort.Seconds, keysFile: Keys(server));

    Task<Measured> Paced(IMeasured server, double rate) => Drive.Run(server, callers, effort.Seconds, rate, Keys(server));

    string? Keys(IMeasured server)
    {
        if (!oneAccount)
            return null;
        var file = server.KeysFile + ".one";
        File.WriteAllLines(file, File.ReadLines(server.KeysFile).Take(1));
        return file;
    }

    static double Median(IEnumerable<double> values)
    {
        var ascending = values.Order().ToArray();
        return ascending.Length % 2 == 1
            ? ascending[ascending.Length / 2]
            : (ascending[ascending.Length / 2 - 1] + ascending[ascending.Length / 2]) / 2;
    }
}

/// <param name="Seconds">Of each measurement, after a warm-up of a quarter of it (1 s at least).</param>
/// <param name="Pairs">How often product and peer take turns; the ratio is the median of the pairs'.</param>
sealed record Effort(double Seconds, int Pairs);
