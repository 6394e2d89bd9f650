using System.Reflection;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>What a method of a grain interface returns: one of the four task types, or nothing at all for an observer.</summary>
abstract class ReturnShape
{
    /// <exception cref="NotSupportedException">The type is none of these.</exception>
    public static ReturnShape Of(Type type)
    {
        if (type == typeof(Task)) return new ReturnShape<Nothing>(static returned => returned is Task task ? Complete(new(task)) : default, static answer => answer);
        if (type == typeof(ValueTask)) return new ReturnShape<Nothing>(static returned => Complete((ValueTask)returned!), static answer => new ValueTask(answer));
        if (type == typeof(void)) return new ReturnShape<Nothing>(static _ => default, static _ => null);
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (generic != typeof(Task<>) && generic != typeof(ValueTask<>))
            throw new NotSupportedException($"it returns {type}; it must return Task, Task<T>, ValueTask or ValueTask<T>");
        return (ReturnShape)typeof(ReturnShape)
            .GetMethod(generic == typeof(Task<>) ? nameof(OfTask) : nameof(OfValueTask), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(type.GetGenericArguments()).Invoke(null, null)!;
    }

    public abstract Call NewCall(GrainMethod method, object?[] arguments, GrainId target, Func<bool>? stillWanted);

    /// <summary>What the caller gets of a call under way.</summary>
    public abstract object? Pending(Call call);

    /// <summary>What the caller gets of a call nobody waits for.</summary>
    public abstract object? Sent();

    static ReturnShape<T> OfTask<T>() => new(static returned => returned is Task<T> task ? new(task) : default, static answer => answer);

    static ReturnShape<T> OfValueTask<T>() => new(static returned => (ValueTask<T>)returned!, static answer => new ValueTask<T>(answer));

    static ValueTask<Nothing> Complete(ValueTask task)
    {
        return task.IsCompletedSuccessfully ? default : Await(task);

        static async ValueTask<Nothing> Await(ValueTask task)
        {
            await task;
            return default;
        }
    }
}

sealed class ReturnShape<T>(Func<object?, ValueTask<T>> received, Func<Task<T>, object?> pending) : ReturnShape
{
    public ValueTask<T> Await(object? returned) => received(returned);

    public override object? Pending(Call call) => pending(((Call<T>)call).Answer);

    public override object? Sent() => pending(Task.FromResult<T>(default!));

    public override Call NewCall(GrainMethod method, object?[] arguments, GrainId target, Func<bool>? stillWanted) =>
        new Call<T>(method, this, arguments, target) { StillWanted = stillWanted };
}

readonly struct Nothing;
