namespace SessionManager.Console.Parts;

/// <summary>Where a chart's axis ends.</summary>
public static class Scales
{
    /// <summary>The next of 1, 2, 4, 5, 10 times a power of ten at or above the value, which halves well; 1 for nothing.</summary>
    public static double Above(double value)
    {
        if (!double.IsFinite(value) || value <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 4, 5, 10])
        {
            if (value <= step * power * (1 + 1e-9))
                return step * power;
        }

        return 10 * power;
    }
}
