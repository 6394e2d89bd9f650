using System.Reflection;

namespace SessionManager.Tests;

/// <summary>Stands in for an interface of many methods of which a test needs one: whatever it is asked, it returns the same.</summary>
public class Always : DispatchProxy
{
    object? _answer;

    public static T Answering<T>(object answer)
        where T : class
    {
        var proxy = Create<T, Always>();
        ((Always)(object)proxy)._answer = answer;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer;
}
