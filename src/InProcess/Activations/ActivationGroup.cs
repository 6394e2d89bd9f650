using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// The activations of one grain: one, or of a stateless worker as many as there are requests at once, up to its limit. A request
/// goes to the one that has least to do.
/// </summary>
sealed class ActivationGroup(InProcessEngine engine, GrainClass grainClass, GrainId id)
{
    readonly Lock _lock = new();
    readonly List<Activation> _activations = new(1);
    bool _closed;

    public InProcessEngine Engine { get; } = engine;
    public GrainClass Class { get; } = grainClass;
    public GrainId Id { get; } = id;

    public Activation[] Activations
    {
        get { lock (_lock) return [.. _activations]; }
    }

    /// <returns>False: the last activation is gone, and with it this group; another one is to be made.</returns>
    public bool TryRoute(Call call)
    {
        lock (_lock)
        {
            while (!_closed)
            {
                var chosen = _activations.MinBy(activation => activation.Load);
                if (chosen is null || (chosen.Load > 0 && _activations.Count < Class.MaxWorkers)) _activations.Add(chosen = new Activation(this));
                if (chosen.TryPost(call)) return true;
                Remove(chosen);
            }

            return false;
        }
    }

    public void Remove(Activation activation)
    {
        lock (_lock)
        {
            _activations.Remove(activation);
            _closed = _activations.Count == 0;
            if (_closed) Engine.Forget(this);
        }
    }
}
