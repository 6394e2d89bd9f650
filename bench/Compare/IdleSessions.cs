using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace SessionManager.Compare;

/// <summary>What a session costs in memory that was minted and that nobody has connected to.</summary>
static class IdleSessions
{
    const int Callers = 64;

    /// <summary>Bytes of the managed heap a session, after a full collection.</summary>
    public static async Task<double> Bytes(ServerProcess product, double seconds)
    {
        // The first burst fills what is filled once: pools, caches, compiled code.
        await Drive.Run(product, Callers, seconds);
        var before = await HeapAfterCollection(product.ProcessId);
        var minted = await Drive.Run(product, Callers, seconds * 2);
        var sessions = minted.Rate * (seconds * 2 + Math.Max(1, seconds / 2));
        return (await HeapAfterCollection(product.ProcessId) - before) / sessions;
    }

    /// <summary>The event session's own start makes the runtime collect (keyword GCHeapCollect), and the event after it tells the size.</summary>
    static Task<long> HeapAfterCollection(int processId) => Task.Run(() =>
    {
        var provider = new EventPipeProvider(
            "Microsoft-Windows-DotNETRuntime", EventLevel.Informational,
            (long)(ClrTraceEventParser.Keywords.GC | ClrTraceEventParser.Keywords.GCHeapCollect));
        using var session = new DiagnosticsClient(processId).StartEventPipeSession([provider], requestRundown: false);
        using var source = new EventPipeEventSource(session.EventStream);
        long size = 0;
        source.Clr.GCHeapStats += stats =>
        {
            size = stats.TotalHeapSize;
            session.Stop();
        };
        source.Process();
        return size;
    });
}
