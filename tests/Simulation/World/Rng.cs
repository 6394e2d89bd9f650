using SessionManager.Randomness;

namespace SessionManager.Simulation;

/// <summary>SplitMix64: every choice of a run comes from one seed, the same on every machine and runtime.</summary>
sealed class Rng(ulong seed) : IRandomSource
{
    ulong _state = seed;

    /// <summary>A stream of its own for each part of the world: what one draws does not shift what another does.</summary>
    public static Rng Of(ulong seed, ulong stream) => new(new Rng(seed ^ (stream * 0x9E3779B97F4A7C15)).Next());

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to, not including, <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(Next() % (ulong)end);

    public int Between(int first, int last) => first + Below(last - first + 1);

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Unit() < probability;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + (most - least) * Unit();

    public TimeSpan Seconds(double least, double most) => Between(TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(most));

    /// <summary>Most short, some long: the exponential distribution.</summary>
    public TimeSpan Around(TimeSpan mean) => mean * -Math.Log(1 - Unit());

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
            value = (byte)Next();
    }
}
