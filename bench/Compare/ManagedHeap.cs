using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace SessionManager.Compare;

/// <summary>Another process's managed heap.</summary>
static class ManagedHeap
{
    /// <summary>The event session's own start makes the runtime collect (keyword GCHeapCollect), and the event after it tells the size.</summary>
    public static Task<long> AfterCollection(int processId) => Task.Run(() =>
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
