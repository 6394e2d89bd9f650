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

    public static object? Get(string key) => Values?.GetValueOrDefault(key);

    public static void Set(string key, object value) => Values = new(Values ?? []) { [key] = value };

    public static void Clear() => Values = null;

    /// <summary>Until it is disposed, calls made from here may come back into this grain while it awaits them.</summary>
    public static IDisposable AllowCallChainReentrancy() => new ReentrancySection();

    /// <summary>The call chain which may re-enter the grains that allowed it; 0 for none.</summary>
    internal static long ReentrancyIdOf(Dictionary<string, object>? values) =>
        values is not null && values.TryGetValue(ReentrancyKey, out var id) ? (long)id : 0;

    sealed class ReentrancySection : IDisposable
    {
        readonly RequestQueue? _queue = TurnQueue.Running as RequestQueue;
        readonly long _chain = ReentrancyIdOf(Values);
        readonly bool _inherited;

        public ReentrancySection()
        {
            _inherited = _chain != 0;
            if (!_inherited) Set(ReentrancyKey, _chain = Interlocked.Increment(ref _lastReentrancyId));
            _queue?.EnterReentrantSection(_chain);
        }

        public void Dispose()
        {
            _queue?.ExitReentrantSection(_chain);
            if (_inherited || Values is not { } values) return;
            var rest = new Dictionary<string, object>(values);
            rest.Remove(ReentrancyKey);
            Values = rest;
        }
    }
}
