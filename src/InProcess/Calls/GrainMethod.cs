using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>A method of a grain or observer interface, with what its attributes say.</summary>
sealed class GrainMethod
{
    static readonly ConcurrentDictionary<Type, FrozenDictionary<MethodInfo, GrainMethod>> ByInterface = new();

    readonly MethodInvoker _invoker;
    readonly string _display;
    readonly TimeSpan? _timeout;

    GrainMethod(MethodInfo method)
    {
        Name = method.Name;
        _display = $"{method.DeclaringType!.Name}/{method.Name}";
        _invoker = MethodInvoker.Create(method);
        Shape = ReturnShape.Of(method.ReturnType);
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        OneWay = method.IsDefined(typeof(OneWayAttribute)) || method.ReturnType == typeof(void);
        _timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        var parameters = method.GetParameters();
        CancellationIndex = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        References = [.. parameters.Where(parameter => parameter.ParameterType.IsAssignableTo(typeof(IAddressable)))];
    }

    public string Name { get; }
    public ReturnShape Shape { get; }
    public bool AlwaysInterleave { get; }
    public bool ReadOnly { get; }
    public bool OneWay { get; }

    /// <summary>Of the parameter that is a cancellation token; -1 for none.</summary>
    public int CancellationIndex { get; }

    /// <summary>The parameters that are references to grains or observers.</summary>
    public ParameterInfo[] References { get; }

    /// <exception cref="OrleansConfigurationException">A method cannot be called; the message names it and says why.</exception>
    public static FrozenDictionary<MethodInfo, GrainMethod> Of(Type grainInterface) => ByInterface.GetOrAdd(grainInterface, static type =>
    {
        var problems = new List<string>();
        var methods = new Dictionary<MethodInfo, GrainMethod>();
        foreach (var method in type.GetInterfaces().Prepend(type).SelectMany(t => t.GetMethods(BindingFlags.Instance | BindingFlags.Public)))
        {
            problems.AddRange(Sharing.Problems(method));
            try
            {
                methods.Add(method, new(method));
            }
            catch (NotSupportedException exception)
            {
                problems.Add($"{type.Name}.{method.Name}: {exception.Message}");
            }
        }

        return problems.Count == 0 ? methods.ToFrozenDictionary() : throw new OrleansConfigurationException(string.Join(Environment.NewLine, problems));
    });

    public object? Invoke(object target, object?[] arguments) => _invoker.Invoke(target, arguments.AsSpan());

    /// <summary>null: nobody waits.</summary>
    public TimeSpan? Timeout(InProcessEngine engine) =>
        !OneWay && (_timeout ?? engine.Options.ResponseTimeout) is var timeout && timeout >= TimeSpan.Zero ? timeout : null;

    public override string ToString() => _display;
}
