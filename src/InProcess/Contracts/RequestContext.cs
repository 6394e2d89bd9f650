using SessionManager.InProcess;

namespace Orleans.Runtime;

/// <summary>Values that travel with a call, and with the calls it makes. They are shared, not copied: keep them immutable.</summary>
public static class RequestContext
{
    const string ReentrancyKey = "#CCR";
    static readonly AsyncLocal<Dictionary<string, object>?> Current = new();
    static long _lastReentrancyId;

    /// <summary>Copied on every change, because other turns may hold the one we were given.</summary>
    internal static Dictionary<string, object>? Values
    {
        get => Current.Value;
        set
        {
            if (!ReferenceEquals(Current.Value, value)) Current.Value = value;
        }
    }

    public static IEnumerable<string> Keys => Values?.Keys ?? Enumerable.Empty<string>();

    public static IEnumerable<KeyValuePair<string, object>> Entries => Values ?? Enumerable.Empty<KeyValuePair<string, object>>();

    /// <summary>The call chain which may re-enter the grains that allowed it; empty for none.</summary>
    public static Guid ReentrancyId
    {
        get => ReentrancyIdOf(Values);
        set
        {
            if (value == Guid.Empty) Remove(ReentrancyKey);
            else Set(ReentrancyKey, value);
        }
    }

    public static object? Get(string key) => Values?.GetValueOrDefault(key);

    public static void Set(string key, object value) =>
        Values = new Dictionary<string, object>(Values ?? []) { [key] = value };

    public static bool Remove(string key)
    {
        if (Values is not { } values || !values.ContainsKey(key)) return false;
        var rest = new Dictionary<string, object>(values);
        rest.Remove(key);
        Values = rest.Count == 0 ? null : rest;
        return true;
    }

    public static void Clear() => Values = null;

    /// <summary>Until it is disposed, calls made from here may come back into this grain while it awaits them.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var original = ReentrancyId;
        return new(original, original == Guid.Empty ? NextReentrancyId() : original);
    }

    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    internal static Guid ReentrancyIdOf(Dictionary<string, object>? values) =>
        values is not null && values.TryGetValue(ReentrancyKey, out var id) ? (Guid)id : Guid.Empty;

    // A counter, not a random id: a simulation must see the same one every time, and it never leaves the process.
    static Guid NextReentrancyId()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref _lastReentrancyId));
        return new Guid(bytes);
    }

    public readonly struct ReentrancySection : IDisposable
    {
        readonly Guid _original;
        readonly Guid _entered;

        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _original = originalReentrancyId;
            _entered = newReentrancyId;
            if (_entered != _original) ReentrancyId = _entered;
            if (_entered != Guid.Empty) (TurnQueue.Running as RequestQueue)?.EnterReentrantSection(_entered);
        }

        public void Dispose()
        {
            if (_entered != Guid.Empty) (TurnQueue.Running as RequestQueue)?.ExitReentrantSection(_entered);
            if (_entered != _original) ReentrancyId = _original;
        }
    }
}
