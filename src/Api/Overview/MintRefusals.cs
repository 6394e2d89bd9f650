using System.Collections.Immutable;
using Orleans;
using SessionManager.Api.Auth;
using SessionManager.Errors;
using SessionManager.Overview;

namespace SessionManager.Api.Overview;

/// <summary>Counts this process's refused mints and tells the one grain that adds them up, every few seconds while there are any.</summary>
sealed class MintRefusals(IGrainFactory grains, TimeProvider time, IHostApplicationLifetime lifetime)
{
    static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    readonly Lock _gate = new();
    readonly Dictionary<(DateTimeOffset Minute, string Code), int> _refused = [];
    bool _telling;

    public static void Use(IApplicationBuilder app) => app.Use((context, next) =>
        context.GetEndpoint()?.Metadata.GetMetadata<Access>() is { Mints: true } ? Watch(context, next) : next(context));

    static async Task Watch(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Features.Get<ErrorKind>() is { } kind)
            context.RequestServices.GetRequiredService<MintRefusals>().Count(kind.Code);
    }

    void Count(string code)
    {
        var now = time.GetUtcNow();
        var minute = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero);
        lock (_gate)
        {
            _refused[(minute, code)] = _refused.GetValueOrDefault((minute, code)) + 1;
            if (_telling)
                return;
            _telling = true;
        }

        _ = Tell();
    }

    async Task Tell()
    {
        while (true)
        {
            await Task.Delay(Period, time, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ImmutableArray<RefusalCount> counts;
            lock (_gate)
            {
                counts = [.. _refused.Select(count => new RefusalCount(count.Key.Minute, count.Key.Code, count.Value))];
                _refused.Clear();
                _telling = !counts.IsEmpty && !lifetime.ApplicationStopping.IsCancellationRequested;
                if (!_telling)
                    return;
            }

            try
            {
                await grains.GetGrain<IMintRefusalsGrain>(IMintRefusalsGrain.Key).Add(counts);
            }
            catch (Exception exception) when (exception is TimeoutException or Orleans.Runtime.OrleansException)
            {
                // Nobody was there to add them up. They are figures, and a later one matters more.
            }
        }
    }
}
