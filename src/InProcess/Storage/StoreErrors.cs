using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.InProcess;

static class StoreErrors
{
    public static InconsistentStateException Conflict(RecordKey key, string? stored, string? given) =>
        new($"'{key.Name}' of {key.Grain} was changed by another activation (stored {stored ?? "none"}, expected {given ?? "none"}).",
            stored, given);

    public static OrleansException Refused(RecordKey key, Exception cause) =>
        new($"'{key.Name}' of {key.Grain} was not written: {cause.Message}", cause);

    public static OrleansException Unknown(Exception cause) =>
        new($"The write may or may not have happened: {cause.Message}", cause);
}

/// <summary>ETags of the SQL stores: numbers that only grow, whatever record they are of.</summary>
static class ETags
{
    public static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    /// <summary>-1, which no record has, for text that is none of ours.</summary>
    public static long Number(string? etag) =>
        long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
