namespace SessionManager.InProcess;

/// <summary>What a method of a grain interface returns: one of the four task types, or nothing at all for an observer.</summary>
abstract class ReturnShape
{
    /// <exception cref="NotSupportedException">The type is none of these.</exception>
    public static ReturnShape Of(Type type)
    {
        if (type == typeof(Task)) return new TaskShape();
        if (type == typeof(ValueTask)) return new ValueTaskShape();
        if (type == typeof(void)) return new VoidShape();
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(Task<>) || open == typeof(ValueTask<>)))
        {
            var shape = (open == typeof(Task<>) ? typeof(TaskShape<>) : typeof(ValueTaskShape<>)).MakeGenericType(type.GetGenericArguments());
            return (ReturnShape)Activator.CreateInstance(shape)!;
        }

        throw new NotSupportedException($"it returns {type}; it must return Task, Task<T>, ValueTask or ValueTask<T>");
    }

    public abstract Call NewCall(GrainMethod method, object?[] arguments, Func<bool>? stillWanted = null);

    /// <summary>What the caller gets of a call under way.</summary>
    public abstract object? Pending(Call call);

    /// <summary>What the caller gets of a call nobody waits for.</summary>
    public abstract object? Sent { get; }
}

abstract class ReturnShape<T> : ReturnShape
{
    public abstract ValueTask<T> Await(object? returned);

    public abstract object? Pending(Task<T> answer);

    public override object? Sent => Pending(Task.FromResult<T>(default!));

    public sealed override object? Pending(Call call) => Pending(((Call<T>)call).Answer);

    public sealed override Call NewCall(GrainMethod method, object?[] arguments, Func<bool>? stillWanted = null) =>
        new Call<T>(method, this, arguments) { StillWanted = stillWanted };
}

readonly struct Nothing;

sealed class TaskShape : ReturnShape<Nothing>
{
    public override ValueTask<Nothing> Await(object? returned)
    {
        var task = (Task?)returned;
        return task is null || task.IsCompletedSuccessfully ? default : Complete(task);

        static async ValueTask<Nothing> Complete(Task task)
        {
            await task;
            return default;
        }
    }

    public override object? Pending(Task<Nothing> answer) => answer;
}

sealed class TaskShape<T> : ReturnShape<T>
{
    public override ValueTask<T> Await(object? returned) => returned is null ? default : new((Task<T>)returned);

    public override object? Pending(Task<T> answer) => answer;
}

sealed class ValueTaskShape : ReturnShape<Nothing>
{
    public override ValueTask<Nothing> Await(object? returned)
    {
        var task = (ValueTask)returned!;
        return task.IsCompletedSuccessfully ? default : Complete(task);

        static async ValueTask<Nothing> Complete(ValueTask task)
        {
            await task;
            return default;
        }
    }

    public override object? Pending(Task<Nothing> answer) => new ValueTask(answer);
}

sealed class ValueTaskShape<T> : ReturnShape<T>
{
    public override ValueTask<T> Await(object? returned) => (ValueTask<T>)returned!;

    public override object? Pending(Task<T> answer) => new ValueTask<T>(answer);
}

sealed class VoidShape : ReturnShape<Nothing>
{
    public override ValueTask<Nothing> Await(object? returned) => default;

    public override object? Pending(Task<Nothing> answer) => null;
}
