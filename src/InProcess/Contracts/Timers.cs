using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;
using SessionManager.InProcess;

namespace Orleans.Runtime
{
    /// <summary>Ends with its activation, or when disposed.</summary>
    public interface IGrainTimer : IDisposable
    {
        /// <summary>From within a tick it takes effect when the tick has ended.</summary>
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    [method: SetsRequiredMembers]
    public readonly struct GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
    {
        /// <summary>To the first tick; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
        public required TimeSpan DueTime { get; init; } = dueTime;

        /// <summary>From the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single tick.</summary>
        public required TimeSpan Period { get; init; } = period;

        /// <summary>Ticks run between the turns of requests instead of waiting for them as a request does.</summary>
        public bool Interleave { get; init; }

        /// <summary>A tick counts as use of the activation, so that it is not collected as idle.</summary>
        public bool KeepAlive { get; init; }
    }
}

namespace Orleans
{
    public static class GrainBaseExtensions
    {
        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options) =>
            ((Activation)grain.GrainContext).AddTimer(callback, options);

        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
            grain.RegisterGrainTimer(token => callback(state, token), options);

        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options) =>
            grain.RegisterGrainTimer(_ => callback(), options);

        public static IGrainTimer RegisterGrainTimer(
            this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period) =>
            grain.RegisterGrainTimer(callback, new GrainTimerCreationOptions(dueTime, period));

        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, TimeSpan dueTime, TimeSpan period) =>
            grain.RegisterGrainTimer(callback, new GrainTimerCreationOptions(dueTime, period));
    }
}
