using System.Diagnostics;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>The trace of calls, under the name Orleans uses.</summary>
static class GrainActivity
{
    static readonly ActivitySource Source = new("Microsoft.Orleans.Application");

    /// <summary>Makes the caller's activity, or a new child of it where somebody listens, the current one.</summary>
    public static Activity? Start(GrainMethod method, GrainId target, Activity? parent)
    {
        if (Activity.Current != parent) Activity.Current = parent;
        if (!Source.HasListeners()) return null;
        var activity = Source.StartActivity(method.ToString(), ActivityKind.Server, parent?.Context ?? default);
        activity?.SetTag("rpc.system", "orleans").SetTag("rpc.method", method.Name).SetTag("orleans.grain.id", target.ToString());
        return activity;
    }
}
