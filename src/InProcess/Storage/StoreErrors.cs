using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.InProcess;

static class StoreErrors
{
    public static InconsistentStateException Conflict(RecordKey key, string? stored, string? given) =>
        new($"'{key.Name}' of {key.Grain} was changed by another activation (stored {stored ?? "none"}, expected {given ?? "none"}).",
            stored, given);

    public static OrleansException Unknown(Exception cause) =>
        new($"The write may or may not have happened: {cause.Message}", cause);
}
